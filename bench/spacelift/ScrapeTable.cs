using System.Diagnostics;
using CiMetrics.Spacelift.Simulator;

namespace CiMetrics.Spacelift.Bench;

/// <summary>How long a scrape takes over loopback while what was fetched is young enough.</summary>
internal static class ScrapeTable
{
    private const int WarmUp = 500;
    private const int Scrapes = 2000;

    public static async Task PrintAsync()
    {
        Console.WriteLine($"Scrapes with a warm cache over one connection on loopback, {Scrapes:n0} after {WarmUp} to warm up, milliseconds. Aim: p99 under 3 with 2,000 stacks.");
        Console.WriteLine();
        Console.WriteLine("| stacks | resources | body | bytes | p50 | p99 | worst |");
        Console.WriteLine("|---:|---:|---|---:|---:|---:|---:|");
        foreach ((int stacks, int resources) in ((int, int)[])[(100, 500), (2000, 10_000)])
        {
            await using FakeSpacelift api = await FakeSpacelift.StartAsync();
            api.Account = FakeAccount.Large(stacks, resources);
            using RunningExporter exporter = await RunningExporter.StartAsync(api, "--min-refresh=1h");
            foreach (bool gzip in (bool[])[false, true])
            {
                long length = 0;
                for (int i = 0; i < WarmUp; i++) length = (await exporter.ScrapeAsync(gzip)).Length;
                double[] times = new double[Scrapes];
                for (int i = 0; i < Scrapes; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    await exporter.ScrapeAsync(gzip);
                    times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }

                Array.Sort(times);
                Console.WriteLine($"| {stacks:n0} | {resources:n0} | {(gzip ? "gzip" : "plain")} | {length:n0} | {times[Scrapes / 2]:n2} | {times[Scrapes * 99 / 100]:n2} | {times[^1]:n2} |");
            }
        }

        Console.WriteLine();
    }
}
