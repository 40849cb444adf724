using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Bench;

/// <summary>How long a real Prometheus takes for the dashboard's panels over thirty days of data.</summary>
internal static class DashboardTable
{
    private const int Runners = 5;
    private const int StepSeconds = 300;
    private const long Range = 30L * 24 * 3600;
    private static readonly double[] Bounds = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600];

    public static async Task PrintAsync()
    {
        using TempFolder folder = new();
        long end = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / StepSeconds * StepSeconds;
        string text = folder.PathOf("days.om");
        long samples = Write(text, end);
        string data = folder.PathOf("data");
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            Requires.Program("promtool", "prometheus"), ["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=720h", text, data], patience: TimeSpan.FromMinutes(5));
        if (exitCode != 0) throw new InvalidOperationException(output);
        File.Delete(text);

        int port = FreePort.Next();
        string configuration = folder.Write("prometheus.yml", "global: { scrape_interval: 1m }\n");
        await using ServiceProcess prometheus = ServiceProcess.Start(
            Requires.Program("prometheus", "prometheus"),
            [$"--config.file={configuration}", $"--storage.tsdb.path={data}", "--storage.tsdb.retention.time=60d", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(1) };
        await Eventually.TrueAsync(async () => (await client.GetAsync(new Uri("/-/ready", UriKind.Relative))).IsSuccessStatusCode, "Prometheus to be ready");

        Console.WriteLine($"Panels over 30 days of {Runners} runners ({samples:n0} samples, one every {StepSeconds / 60} minutes), asked one after the other. Limit: 2 s together.");
        Console.WriteLine();
        Console.WriteLine("| panel | first time, ms | again, ms |");
        Console.WriteLine("|---|---:|---:|");
        using JsonDocument dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.PathOf("deploy", "grafana", "github-runner-dashboard.json")));
        (double first, double again) = (0, 0);
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            double one = await AskAsync(client, panel, end), other = await AskAsync(client, panel, end);
            (first, again) = (first + one, again + other);
            Console.WriteLine($"| {panel.GetProperty("title").GetString()} | {one:n0} | {other:n0} |");
        }
        Console.WriteLine($"| together | {first:n0} | {again:n0} |");
        Console.WriteLine();
    }

    private static async Task<double> AskAsync(HttpClient client, JsonElement panel, long end)
    {
        long begun = Stopwatch.GetTimestamp();
        foreach (JsonElement target in panel.GetProperty("targets").EnumerateArray())
        {
            string query = Uri.EscapeDataString(target.GetProperty("expr").GetString()!
                .Replace("$__range_s", $"{Range}", StringComparison.Ordinal).Replace("$__range", $"{Range}s", StringComparison.Ordinal)
                .Replace("$job", ".*", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal)
                .Replace("$runner_name", ".*", StringComparison.Ordinal).Replace("$runner_type", ".*", StringComparison.Ordinal));
            // As many points as a panel is wide.
            string path = target.GetProperty("instant").GetBoolean()
                ? $"/api/v1/query?query={query}&time={end}"
                : $"/api/v1/query_range?query={query}&start={end - Range}&end={end}&step={Range / 1000}";
            using HttpResponseMessage answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            string body = await answer.Content.ReadAsStringAsync();
            if (!answer.IsSuccessStatusCode || body.Contains("\"result\":[]", StringComparison.Ordinal)) throw new InvalidOperationException($"{query}: {body[..Math.Min(300, body.Length)]}");
        }
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    // Some jobs an hour, four of five of which succeed.
    private static long Write(string path, long end)
    {
        long samples = 0;
        using StreamWriter writer = new(path);
        string[] labels = [.. Enumerable.Range(1, Runners).Select(number => $"job=\"github-runner\",instance=\"host-{number}:9091\",runner_name=\"runner-{number}\",runner_type=\"standard\"")];
        Family("github_runner_status", "gauge", "", "", _ => 1);
        Family("github_runner_uptime_seconds", "gauge", "", "", count => count * StepSeconds);
        writer.WriteLine("# TYPE github_runner_jobs counter");
        foreach ((string status, double share) in ((string, double)[])[("success", 0.8), ("failed", 0.1), ("cancelled", 0.05), ("skipped", 0.05), ("abandoned", 0)])
            Series("github_runner_jobs_total", $",status=\"{status}\"", count => Math.Floor(count * share));
        writer.WriteLine("# TYPE github_runner_job_duration_seconds histogram");
        foreach (string label in labels)
        {
            for (int i = 0; i <= Bounds.Length; i++)
            {
                double share = (i + 1.0) / (Bounds.Length + 1);
                Line("github_runner_job_duration_seconds_bucket", label + $",le=\"{(i < Bounds.Length ? Bounds[i].ToString("0.0", CultureInfo.InvariantCulture) : "+Inf")}\"", count => Math.Floor(count * share));
            }
            Line("github_runner_job_duration_seconds_count", label, count => count);
            Line("github_runner_job_duration_seconds_sum", label, count => count * 200);
        }
        writer.WriteLine("# TYPE github_runner_cache_restores counter");
        foreach (string result in (string[])["hit", "partial", "miss"]) Series("github_runner_cache_restores_total", $",cache_type=\"npm\",result=\"{result}\"", count => count);
        writer.WriteLine("# EOF");
        return samples;

        void Family(string name, string type, string suffix, string extra, Func<long, double> value)
        {
            writer.WriteLine($"# TYPE {name} {type}");
            Series(name + suffix, extra, value);
        }

        void Series(string name, string extra, Func<long, double> value)
        {
            foreach (string label in labels) Line(name, label + extra, value);
        }

        void Line(string name, string label, Func<long, double> value)
        {
            for (long at = end - Range - 3600; at <= end; at += StepSeconds)
            {
                writer.WriteLine($"{name}{{{label}}} {value((at - (end - Range - 3600)) / StepSeconds).ToString(CultureInfo.InvariantCulture)} {at}");
                samples++;
            }
        }
    }
}
