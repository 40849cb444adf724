using System.Diagnostics;
using System.Globalization;

namespace CiMetrics.Exposition.Bench;

/// <summary>Scrapes over HTTP against a static body of the same size from the same server, in turns, so that both see the same machine.</summary>
internal static class HttpTable
{
    private const int Rounds = 3;
    private const double Seconds = 2;
    private const int Series = 10_000;

    public static async Task PrintAsync(string program)
    {
        string? wrk = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "wrk")).FirstOrDefault(File.Exists);
        Console.WriteLine();
        Console.WriteLine($"Over HTTP on loopback, {Series:n0} gauges of three labels, {Environment.ProcessorCount} processors, load from {(wrk is null ? "a raw-socket client" : "wrk")}; answers/s, median of {Rounds} rounds.");
        Console.WriteLine();
        Console.WriteLine("| values | connections | static | live | live/static | static in 64 KiB pieces | aim | server RSS MB |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach ((string values, string aim) in new[] { ("integers", "80 %"), ("doubles", "45 %") })
        {
            foreach (int connections in new[] { 1, 4 })
                await RowAsync(program, wrk, values, connections, aim);
        }

        Console.WriteLine();
        foreach (string values in new[] { "integers", "doubles" })
            Console.WriteLine($"RSS of a server of {values} that served only /metrics, 1,000 scrapes or more: {await MemoryAsync(program, wrk, values):n0} MB");
    }

    private static async Task RowAsync(string program, string? wrk, string values, int connections, string aim)
    {
        using Process server = await StartAsync(program, values);
        string address = server.StandardOutput.ReadLine()!;
        var rates = new Dictionary<string, List<double>>(StringComparer.Ordinal) { ["/static"] = [], ["/metrics"] = [], ["/static-chunked"] = [] };
        foreach (string path in rates.Keys)
            await LoadAsync(wrk, address + path, connections, 1);
        for (int round = 0; round < Rounds; round++)
        {
            foreach ((string path, List<double> list) in rates)
                list.Add(await LoadAsync(wrk, address + path, connections, Seconds));
        }

        double live = Median(rates["/metrics"]);
        double @static = Median(rates["/static"]);
        Console.WriteLine($"| {values} | {connections} | {@static:n0} | {live:n0} | {live / @static:p0} | {Median(rates["/static-chunked"]):n0} | {aim} | {Rss(server):n0} |");
        await StopAsync(server);
    }

    private static async Task<double> MemoryAsync(string program, string? wrk, string values)
    {
        using Process server = await StartAsync(program, values);
        string address = server.StandardOutput.ReadLine()!;
        await LoadAsync(wrk, address + "/metrics", 4, 4);
        double rss = Rss(server);
        await StopAsync(server);
        return rss;
    }

    private static Task<Process> StartAsync(string program, string values)
    {
        var start = new ProcessStartInfo(program, ["serve", values, Series.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Task.FromResult(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    private static async Task StopAsync(Process server)
    {
        server.StandardInput.Close();
        await server.WaitForExitAsync();
    }

    private static double Rss(Process server)
    {
        string line = File.ReadLines($"/proc/{server.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }

    private static async Task<double> LoadAsync(string? wrk, string url, int connections, double seconds)
    {
        ProcessStartInfo start = wrk is null
            ? new(Environment.ProcessPath!, ["load", url, $"{connections}", $"{seconds}"])
            : new(wrk, ["-t1", $"-c{connections}", $"-d{seconds:f0}s", url]);
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        using Process client = Process.Start(start) ?? throw new InvalidOperationException("the load client did not start");
        string output = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        if (wrk is null)
            return double.Parse(output);
        string line = output.Split('\n').Single(line => line.StartsWith("Requests/sec:", StringComparison.Ordinal));
        return double.Parse(line["Requests/sec:".Length..]);
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
