using System.Diagnostics;

namespace CiMetrics.RunnerExporter.Bench;

/// <summary>How long a scrape takes over loopback.</summary>
internal static class ScrapeTable
{
    private const int WarmUp = 500;
    private const int Scrapes = 2000;

    public static async Task PrintAsync(PublishedExporter program)
    {
        Console.WriteLine($"Scrapes over one connection on loopback, {Scrapes:n0} after {WarmUp} to warm up, milliseconds. Aim: p99 under 5 with 50 builds.");
        Console.WriteLine();
        Console.WriteLine("| builds | body bytes | p50 | p99 | worst |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        foreach (int builds in new[] { 1, 10, 50 })
        {
            await using Engine engine = await Engine.SimulatedAsync(builds);
            using RunningExporter exporter = await RunningExporter.StartAsync(program.Path, engine.Host, builds);
            int length = 0;
            for (int i = 0; i < WarmUp; i++) length = (await exporter.ScrapeAsync()).Length;
            double[] times = new double[Scrapes];
            for (int i = 0; i < Scrapes; i++)
            {
                long start = Stopwatch.GetTimestamp();
                await exporter.ScrapeAsync();
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            Array.Sort(times);
            Console.WriteLine($"| {builds} | {length:n0} | {times[Scrapes / 2]:n2} | {times[Scrapes * 99 / 100]:n2} | {times[^1]:n2} |");
        }

        Console.WriteLine();
    }
}
