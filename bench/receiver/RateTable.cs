namespace CiMetrics.Receiver.Bench;

/// <summary>Durable events per second, beside pushes per second of the pushgateway, which keeps a file every five minutes.</summary>
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
