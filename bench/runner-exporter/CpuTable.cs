namespace CiMetrics.RunnerExporter.Bench;

/// <summary>What ten builds cost, scraped as Prometheus would.</summary>
internal static class CpuTable
{
    private const int Builds = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Run = TimeSpan.FromMinutes(1);

    public static async Task PrintAsync(PublishedExporter program)
    {
        Console.WriteLine(
            $"Processor time with {Builds} builds, default sample interval, a scrape every {Interval.TotalSeconds} s, over {Run.TotalSeconds} s after the first minute's work is compiled. "
            + "Aim: under 1 % of a core. The last column supposes that the day goes on like this minute.");
        Console.WriteLine();
        Console.WriteLine("| figures from | CPU ms in the minute | % of a core | CPU minutes a day |");
        Console.WriteLine("|---|---:|---:|---:|");
        await RowAsync(program, () => Engine.SimulatedAsync(Builds));
        if (Engine.CanBeReal) await RowAsync(program, () => Engine.RealAsync(Builds));
        Console.WriteLine();
    }

    private static async Task RowAsync(PublishedExporter program, Func<Task<Engine>> start)
    {
        await using Engine engine = await start();
        using RunningExporter exporter = await RunningExporter.StartAsync(program.Path, engine.Host, Builds);
        // What runs for hours is compiled long since; some scrapes bring that about at once.
        for (int i = 0; i < 100; i++) await exporter.ScrapeAsync();
        await Task.Delay(Interval);
        TimeSpan before = exporter.CpuTime();
        for (TimeSpan passed = TimeSpan.Zero; passed < Run; passed += Interval)
        {
            await Task.Delay(Interval);
            await exporter.ScrapeAsync();
        }

        TimeSpan used = exporter.CpuTime() - before;
        double share = used / Run;
        Console.WriteLine($"| {engine.Words} | {used.TotalMilliseconds:n0} | {share * 100:n2} | {share * 24 * 60:n1} |");
    }
}
