using CiMetrics.Spacelift.Simulator;

namespace CiMetrics.Spacelift.Bench;

/// <summary>Resident memory while an account is listed again and again and scraped, as shipped and with settings of the environment.</summary>
internal static class MemoryTable
{
    private const int Scrapes = 1000;

    private static readonly Case[] Cases =
    [
        new(3, 69, Gzip: true, []),
        new(2000, 10_000, Gzip: false, []),
        new(2000, 10_000, Gzip: true, []),
        new(2000, 10_000, Gzip: true, [], ("MALLOC_ARENA_MAX", "1"), ("MALLOC_TRIM_THRESHOLD_", "131072")),
        new(2000, 10_000, Gzip: true, [], ("DOTNET_GCConserveMemory", "9")),
        new(2000, 10_000, Gzip: true, ["--no-stack-label"]),
    ];

    public static async Task PrintAsync()
    {
        Console.WriteLine($"Resident memory in MB after {Scrapes:n0} scrapes, stacks listed every 5 s and resources every 10. Aim: under 50 with 2,000 stacks and 10,000 resources.");
        Console.WriteLine();
        Console.WriteLine("| stacks | resources | body | settings | at start | in the end | anonymous | files | code of the JIT and the types |");
        Console.WriteLine("|---:|---:|---|---|---:|---:|---:|---:|---:|");
        foreach (Case one in Cases)
        {
            await using FakeSpacelift api = await FakeSpacelift.StartAsync();
            api.Account = FakeAccount.Large(one.Stacks, one.Resources);
            using RunningExporter exporter = await RunningExporter.StartAsync(
                api, one.Environment, ["--stacks-refresh=5s", "--drift-refresh=10s", "--max-calls-per-hour=0", .. one.Options]);
            double start = exporter.Megabytes("VmRSS");
            for (int i = 0; i < Scrapes; i++)
            {
                await exporter.ScrapeAsync(one.Gzip);
                await Task.Delay(20);
            }

            Console.WriteLine(
                $"| {one.Stacks:n0} | {one.Resources:n0} | {(one.Gzip ? "gzip" : "plain")} | {one.Settings} | {start:n1} | {exporter.Megabytes("VmRSS"):n1} "
                + $"| {exporter.Megabytes("RssAnon"):n1} | {exporter.Megabytes("RssFile"):n1} | {exporter.Megabytes("RssShmem"):n1} |");
        }

        Console.WriteLine();
    }

    private sealed record Case(int Stacks, int Resources, bool Gzip, string[] Options, params (string Name, string Value)[] Environment)
    {
        public string Settings => string.Join(' ', Options.Concat(Environment.Select(variable => $"{variable.Name}={variable.Value}"))) is { Length: > 0 } text ? $"`{text}`" : "as shipped";
    }
}
