using System.Diagnostics;
using CiMetrics.GitHubRunner.Simulator;

namespace CiMetrics.GitHubRunner.Bench;

/// <summary>The users' budgets: processor, memory, the endpoint's time, and how soon an event shows.</summary>
internal static class BudgetTable
{
    private static readonly TimeSpan Run = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    public static async Task PrintAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cim-bench-");
        try
        {
            SimulatedRunner runner = new(Path.Combine(folder.FullName, "runner"), "bench");
            runner.Start(DateTimeOffset.UtcNow);
            for (int i = 0; i < 500; i++) runner.Run(new SimulatedJob(), DateTimeOffset.UtcNow.AddHours(-i), DateTimeOffset.UtcNow.AddHours(-i).AddMinutes(3));
            using Process listener = SimulatedListener.Start(runner);
            using RunningExporter exporter = await RunningExporter.StartAsync(runner.Folder, Path.Combine(folder.FullName, "state"));
            // What runs for hours is compiled long since; some scrapes bring that about at once.
            for (int i = 0; i < 200; i++) await exporter.ScrapeAsync();
            await Task.Delay(Interval);

            double idle = await ShareAsync(exporter, () => Task.Delay(Interval));
            double busy = await ShareAsync(exporter, () => WorkAsync(runner));
            double[] scrapes = await ScrapesAsync(exporter);
            double[] events = await EventsAsync(exporter, runner);

            Console.WriteLine($"One runner with 500 jobs in its logs, a scrape every {Interval.TotalSeconds} s, each minute after the first one's work is compiled.");
            Console.WriteLine();
            Console.WriteLine("| budget | limit | measured |");
            Console.WriteLine("|---|---:|---:|");
            Console.WriteLine($"| processor, idle runner | 1 % of a core | {idle:n2} % |");
            Console.WriteLine($"| processor, a job every 3 s that prints 20 lines a second | 1 % of a core | {busy:n2} % |");
            Console.WriteLine($"| resident memory after {scrapes.Length + 200:n0} scrapes | 50 MB | {exporter.ResidentMegabytes():n1} MB |");
            Console.WriteLine($"| endpoint, median / 99th percentile of {scrapes.Length:n0} | 100 ms (aim 5 ms) | {At(scrapes, 0.5):n2} / {At(scrapes, 0.99):n2} ms |");
            Console.WriteLine($"| a job's end shows after, median / longest of {events.Length} | 30 s (aim 100 ms) | {At(events, 0.5):n0} / {events[^1]:n0} ms |");
            Console.WriteLine();
            listener.Kill();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> ShareAsync(RunningExporter exporter, Func<Task> quarter)
    {
        TimeSpan before = exporter.CpuTime();
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Run)
        {
            await quarter();
            await exporter.ScrapeAsync();
        }
        return 100 * ((exporter.CpuTime() - before) / Stopwatch.GetElapsedTime(begun));
    }

    private static async Task WorkAsync(SimulatedRunner runner)
    {
        for (int i = 0; i < 5; i++)
        {
            SimulatedJob job = new();
            runner.Begin(job, DateTimeOffset.UtcNow);
            using (SimulatedStep step = new(runner))
            {
                for (int part = 0; part < 12; part++)
                {
                    for (int line = 0; line < 5; line++) step.Print($"compiling file {line} of part {part}");
                    step.Flush();
                    await Task.Delay(250);
                }
                step.Remove();
            }
            runner.End(job, DateTimeOffset.UtcNow);
        }
    }

    private static async Task<double[]> ScrapesAsync(RunningExporter exporter)
    {
        double[] milliseconds = new double[2000];
        for (int i = 0; i < milliseconds.Length; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            await exporter.ScrapeAsync();
            milliseconds[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }
        Array.Sort(milliseconds);
        return milliseconds;
    }

    private static async Task<double[]> EventsAsync(RunningExporter exporter, SimulatedRunner runner)
    {
        double[] milliseconds = new double[50];
        for (int i = 0; i < milliseconds.Length; i++)
        {
            double before = await exporter.JobsAsync();
            await Task.Delay(100);
            SimulatedJob job = new();
            runner.Begin(job, DateTimeOffset.UtcNow);
            await Task.Delay(100);
            runner.End(job, DateTimeOffset.UtcNow);
            long begun = Stopwatch.GetTimestamp();
            while (await exporter.JobsAsync() == before && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(30)) await Task.Delay(1);
            milliseconds[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }
        Array.Sort(milliseconds);
        return milliseconds;
    }

    private static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
}
