using System.Net.Sockets;

namespace CiMetrics.Receiver.Bench;

/// <summary>What a start takes with a million events behind it, all with keys: from the journal alone, and from a snapshot.</summary>
internal static class StartTable
{
    private const int Count = 1_000_000;
    private const int Batch = 1000;

    public static async Task PrintAsync()
    {
        Console.WriteLine("| a million events in | files MB | process to ready, s | RSS MB | bytes per key |");
        Console.WriteLine("|---|---|---|---|---|");
        await PrintAsync("the journal", $"--journal-max-bytes={1L << 40}");
        await PrintAsync("snapshots of 4 MB of journal each", $"--journal-max-bytes={4 << 20}");
        Console.WriteLine();
    }

    private static async Task PrintAsync(string name, params string[] arguments)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("receiver-bench-");
        DirectoryInfo empty = Directory.CreateTempSubdirectory("receiver-bench-");
        try
        {
            double idle;
            await using (Server server = await Server.ReceiverAsync(empty.FullName)) idle = server.ResidentBytes;
            await using (Server server = await Server.ReceiverAsync(folder.FullName, arguments)) await FillAsync(server);
            double size = folder.EnumerateFiles().Sum(file => file.Length);
            await using Server again = await Server.ReceiverAsync(folder.FullName, arguments);
            Console.WriteLine($"| {name} | {size / 1e6:0} | {again.StartTime.TotalSeconds:0.00} | {again.ResidentBytes / 1e6:0} | {(again.ResidentBytes - idle) / Count:0} |");
        }
        finally
        {
            folder.Delete(recursive: true);
            empty.Delete(recursive: true);
        }
    }

    private static async Task FillAsync(Server server)
    {
        using Socket socket = await Load.ConnectAsync(server.Port);
        byte[] buffer = new byte[256 * 1024];
        for (int sent = 0; sent < Count; sent += Batch) await Load.AskAsync(socket, Events.Request(sent / Batch, Batch, 1000), buffer);
    }
}
