using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace CiMetrics.Receiver.Bench;

/// <summary>What a scrape takes with many series, and what they take of memory.</summary>
internal static class ScrapeTable
{
    private const int Scrapes = 30;

    public static async Task PrintAsync()
    {
        Console.WriteLine("| counters | body MB | scrape ms, median | best | RSS MB | bytes per counter beyond the first row |");
        Console.WriteLine("|---|---|---|---|---|---|");
        double baseline = 0;
        foreach (int series in (int[])[10, 1_000, 10_000, 100_000]) baseline = await PrintAsync(series, baseline);
        Console.WriteLine();
    }

    private static async Task<double> PrintAsync(int series, double baseline)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("receiver-bench-");
        try
        {
            await using Server server = await Server.ReceiverAsync(folder.FullName, "--max-series=200000", "--max-projects=10000");
            using Socket socket = await Load.ConnectAsync(server.Port);
            byte[] buffer = new byte[256 * 1024];
            for (int sent = 0; sent < series; sent += 1000)
            {
                string body = string.Join(',', Enumerable.Range(sent, Math.Min(1000, series - sent)).Select(number => Events.Json(number, series)));
                await Load.AskAsync(socket, Load.Request("POST", "/steps", "application/json", $"[{body}]"), buffer);
            }

            byte[] scrape = Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
            long length = 0;
            double[] times = new double[Scrapes];
            for (int i = 0; i < Scrapes; i++)
            {
                long start = Stopwatch.GetTimestamp();
                length = await Load.AskAsync(socket, scrape, buffer);
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            Array.Sort(times);
            double resident = server.ResidentBytes;
            string each = baseline == 0 ? "-" : $"{(resident - baseline) / series:n0}";
            Console.WriteLine($"| {series:n0} | {length / 1e6:0.00} | {times[Scrapes / 2]:0.0} | {times[0]:0.0} | {resident / 1e6:0} | {each} |");
            return baseline == 0 ? resident : baseline;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
