using System.Diagnostics;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Bench;

/// <summary>The published program beside a quiet runner.</summary>
internal static class RunningTable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(150);

    public static async Task PrintAsync()
    {
        using TempFolder folder = new();
        string runner = folder.PathOf("alloy-runner-quiet");
        File.Copy("/bin/bash", runner);
        await using ServiceProcess quiet = ServiceProcess.Start(runner, ["-c", "while sleep 60; do true; done", "run"]);
        folder.Write("config.toml", "concurrent = 4\n[[runners]]\n  token = \"shelltok0123456789\"\n  executor = \"shell\"\n");
        string log = folder.Write("runner.log", "Starting multi-runner from x ...  builds=0\n");
        int port = FreePort.Next();
        long begun = Stopwatch.GetTimestamp();
        await using ServiceProcess program = await ServiceProcess.StartAsync(
            Published.Binary("alloy-runner-metrics"),
            [
                "run", "--config", folder.PathOf("config.toml"), "--log-file", log, "--metrics-server", $"127.0.0.1:{port}", "--state-dir", folder.PathOf("state"),
                "--process-name", "alloy-runner-quiet", "--machine-store", folder.PathOf("machine"),
            ],
            line => line.Contains("Listening", StringComparison.Ordinal));
        TimeSpan start = Stopwatch.GetElapsedTime(begun);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        async Task<ScrapedText> ScrapeAsync() => new(await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)));
        for (int i = 0; i < 100; i++) await ScrapeAsync();
        double resident = Resident(program.Pid);

        // What runs for days is compiled long since.
        await Task.Delay(WarmUp);
        double share = await IdleShareAsync(program.Pid);

        List<double> delays = [];
        for (int job = 1; job <= 50; job++)
        {
            await Task.Delay(50);
            long written = Stopwatch.GetTimestamp();
            File.AppendAllText(log, $"Checking for jobs... received                       job={job} repo_url=x runner=shelltok\n");
            while ((await ScrapeAsync()).Value("runner_jobs_started_total", ("runner", "shelltok")) != job)
            {
                // Scraped as fast as it goes.
            }
            delays.Add(Stopwatch.GetElapsedTime(written).TotalMilliseconds);
        }
        delays.Sort();
        await client.GetByteArrayAsync(new Uri("/debug/pprof/profile?seconds=1", UriKind.Relative));
        double profiled = Resident(program.Pid);

        Console.WriteLine($"The published program beside a quiet runner, default intervals; idle over {Idle.TotalSeconds:n0} s without scrapes, {WarmUp.TotalSeconds:n0} s after the start and 100 scrapes.");
        Console.WriteLine();
        Console.WriteLine("| | figure | aim |");
        Console.WriteLine("|---|---:|---:|");
        Console.WriteLine($"| size of the program | {new FileInfo(Published.Binary("alloy-runner-metrics")).Length / 1e6:n1} MB | |");
        Console.WriteLine($"| start to listening | {start.TotalMilliseconds:n0} ms | |");
        Console.WriteLine($"| RSS after 100 scrapes | {resident:n1} MB | 50 MB |");
        Console.WriteLine($"| RSS after the first profile | {profiled:n1} MB | |");
        Console.WriteLine($"| CPU while idle | {share * 100:n3} % of a core | 0.1 % |");
        Console.WriteLine($"| line written to value scraped, median | {delays[delays.Count / 2]:n1} ms | 100 ms |");
        Console.WriteLine($"| the same, slowest of {delays.Count} | {delays[^1]:n1} ms | |");
        Console.WriteLine();
    }

    private static double Resident(int pid) => File.ReadLines($"/proc/{pid}/status")
        .Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024)
        .Single();

    // The scheduler's nanoseconds of each thread; what a thread did in its last seconds before it ended is not in it.
    private static async Task<double> IdleShareAsync(int pid)
    {
        Dictionary<string, (long First, long Last)> threads = new(StringComparer.Ordinal);
        long begun = Stopwatch.GetTimestamp();
        bool isFirst = true;
        while (Stopwatch.GetElapsedTime(begun) < Idle)
        {
            Look();
            isFirst = false;
            await Task.Delay(TimeSpan.FromSeconds(2));
        }
        Look();
        return threads.Values.Sum(thread => thread.Last - thread.First) / Stopwatch.GetElapsedTime(begun).TotalNanoseconds;

        void Look()
        {
            foreach (string task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                if (Ran(task) is not { } ran) continue;
                threads[task] = (threads.TryGetValue(task, out var known) ? known.First : isFirst ? ran : 0, ran);
            }
        }
    }

    private static long? Ran(string task)
    {
        try
        {
            return long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0]);
        }
        catch (IOException)
        {
            return null; // It has just ended.
        }
    }
}
