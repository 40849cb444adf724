using System.Diagnostics;

namespace CiMetrics.Receiver.Bench;

/// <summary>
/// Durable events per second, beside pushes per second of the pushgateway, which keeps a file every five minutes; and with
/// three replicas on the database that BENCH_POSTGRES names, where it does.
/// </summary>
internal static class RateTable
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    public static async Task PrintAsync()
    {
        Console.WriteLine("| connections | events/s, 1 a request | events/s, 100 a request | pushgateway pushes/s |");
        Console.WriteLine("|---|---|---|---|");
        foreach (int connections in (int[])[1, 8, 64])
            Console.WriteLine($"| {connections} | {await ReceiverAsync(connections, 1):n0} | {await ReceiverAsync(connections, 100):n0} | {await PushgatewayAsync(connections)} |");
        Console.WriteLine();
        if (Environment.GetEnvironmentVariable("BENCH_POSTGRES") is not { } database) return;
        Console.WriteLine("| connections, over 3 replicas on PostgreSQL | events/s, 1 a request | events/s, 100 a request |");
        Console.WriteLine("|---|---|---|");
        foreach (int connections in (int[])[3, 24, 96])
            Console.WriteLine($"| {connections} | {await ReplicasAsync(database, connections, 1):n0} | {await ReplicasAsync(database, connections, 100):n0} |");
        Console.WriteLine();
    }

    // With a database the folder is not used.
    private static async Task<double> ReplicasAsync(string database, int connections, int batch)
    {
        long start = Stopwatch.GetTimestamp();
        Server[] replicas = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Server.ReceiverAsync("unused", $"--store={database}")))];
        try
        {
            // The first round compiles the code and brings the series.
            await RunAsync(Duration / 2, start);
            return batch * await RunAsync(Duration, start + (1L << 40));
        }
        finally
        {
            foreach (Server replica in replicas) await replica.DisposeAsync();
        }

        async Task<double> RunAsync(TimeSpan duration, long first) => (await Task.WhenAll(replicas.Select((replica, place) => Load.RunAsync(
            replica.Port, connections / 3, duration, number => Events.Request(first + (number * 3) + place, batch, 100))))).Sum();
    }

    private static async Task<double> ReceiverAsync(int connections, int batch)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("receiver-bench-");
        try
        {
            await using Server server = await Server.ReceiverAsync(folder.FullName);
            await Load.RunAsync(server.Port, connections, Duration / 4, number => Events.Request(-number - 1 + (1L << 40), batch, 100));
            return batch * await Load.RunAsync(server.Port, connections, Duration, number => Events.Request(number, batch, 100));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> PushgatewayAsync(int connections)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("receiver-bench-");
        try
        {
            await using Server? server = await Server.PushgatewayAsync(folder.FullName);
            if (server is null) return "not installed (prometheus-pushgateway)";
            await Load.RunAsync(server.Port, connections, Duration / 4, Events.Push);
            return $"{await Load.RunAsync(server.Port, connections, Duration, Events.Push):n0}";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
