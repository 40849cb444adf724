using System.Diagnostics;
using System.Globalization;

namespace CiMetrics.Exposition.Bench;

/// <summary>Scrapes over HTTP against a static body of the same size from the same server, in turns, so that both see the same machine.</summary>
internal static class HttpTable
{
    private const int Rounds = 7;
    private const int Seconds = 1;
    private const int Series = 10_000;

    public static async Task PrintAsync()
    {
        using TrimmedServer program = await TrimmedServer.PublishAsync();
        string? wrk = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "wrk")).FirstOrDefault(File.Exists);
        Console.WriteLine();
        Console.WriteLine(
            $"Over HTTP on loopback, {Series:n0} gauges of three labels whose values change with every scrape, trimmed server, {Environment.ProcessorCount} processors, "
            + $"load from {(wrk is null ? "a raw-socket client" : "wrk")}; answers/s and their ratio, medians of {Rounds} rounds of {Seconds} s each in turns. The server's processor time per answer is steadier where other programs run.");
        Console.WriteLine();
        Console.WriteLine("| values | connections | static | live | live/static | aim | us CPU/answer static | live | static/live |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach ((string values, string aim) in new[] { ("integers", "80 %"), ("doubles", "45 %") })
        {
            foreach (int connections in new[] { 1, 4 })
                await RowAsync(program.Path, wrk, values, connections, aim);
        }

        Console.WriteLine();
        Console.WriteLine("Resident memory of a trimmed server that served only /metrics, in MB (aim: under 64).");
        Console.WriteLine();
        Console.WriteLine("| values | at start | after 1,000 scrapes and more over 1 connection | and over 4 at once |");
        Console.WriteLine("|---|---:|---:|---:|");
        foreach (string values in new[] { "integers", "doubles" })
            await MemoryRowAsync(program.Path, wrk, values);
    }

    private static async Task RowAsync(string program, string? wrk, string values, int connections, string aim)
    {
        using Process server = Start(program, values);
        string address = (await server.StandardOutput.ReadLineAsync())!;
        List<(double Rate, double Cpu)> @static = [];
        List<(double Rate, double Cpu)> live = [];
        await LoadAsync(wrk, address + "/static", connections);
        await LoadAsync(wrk, address + "/metrics", connections);
        for (int round = 0; round < Rounds; round++)
        {
            @static.Add(await MeasureAsync(server, wrk, address + "/static", connections));
            live.Add(await MeasureAsync(server, wrk, address + "/metrics", connections));
        }

        double ratio = Median(live.Zip(@static, (a, b) => a.Rate / b.Rate));
        double staticCpu = Median(@static.Select(round => round.Cpu));
        double liveCpu = Median(live.Select(round => round.Cpu));
        Console.WriteLine(
            $"| {values} | {connections} | {Median(@static.Select(round => round.Rate)):n0} | {Median(live.Select(round => round.Rate)):n0} | {ratio * 100:n0} % | {aim} "
            + $"| {staticCpu:n0} | {liveCpu:n0} | {staticCpu / liveCpu * 100:n0} % |");
        await StopAsync(server);
    }

    private static async Task<(double Rate, double Cpu)> MeasureAsync(Process server, string? wrk, string url, int connections)
    {
        server.Refresh();
        TimeSpan before = server.TotalProcessorTime;
        double rate = await LoadAsync(wrk, url, connections);
        server.Refresh();
        return (rate, (server.TotalProcessorTime - before).TotalMicroseconds / (rate * Seconds));
    }

    private static async Task MemoryRowAsync(string program, string? wrk, string values)
    {
        using Process server = Start(program, values);
        string address = (await server.StandardOutput.ReadLineAsync())!;
        double start = Rss(server);
        await LoadAsync(wrk, address + "/metrics", 1);
        await LoadAsync(wrk, address + "/metrics", 1);
        double one = Rss(server);
        await LoadAsync(wrk, address + "/metrics", 4);
        await LoadAsync(wrk, address + "/metrics", 4);
        Console.WriteLine($"| {values} | {start:n0} | {one:n0} | {Rss(server):n0} |");
        await StopAsync(server);
    }

    private static Process Start(string program, string values)
    {
        var start = new ProcessStartInfo(program, ["serve", values, Series.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
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

    private static async Task<double> LoadAsync(string? wrk, string url, int connections)
    {
        ProcessStartInfo start = wrk is null
            ? new(Environment.ProcessPath!, ["load", url, $"{connections}", $"{Seconds}"])
            : new(wrk, ["-t1", $"-c{connections}", $"-d{Seconds}s", url]);
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

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
