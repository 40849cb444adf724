using CiMetrics.Spacelift.Simulator;

namespace CiMetrics.Spacelift.Bench;

/// <summary>Resident memory while accounts are listed again and again and scraped.</summary>
internal static class MemoryTable
{
    private const int Scrapes = 1000;

    public static async Task PrintAsync()
    {
        Console.WriteLine($"Resident memory in MB after {Scrapes:n0} scrapes, stacks listed every 5 s and resources every 10. Aim: under 50 with 2,000 stacks and 10,000 resources.");
        Console.WriteLine();
        Console.WriteLine("| stacks | resources | options | at start | in the end | anonymous | files |");
        Console.WriteLine("|---:|---:|---|---:|---:|---:|---:|");
        foreach ((int stacks, int resources, string[] options) in ((int, int, string[])[])[(3, 69, []), (2000, 10_000, []), (2000, 10_000, ["--no-stack-label"])])
        {
            await using FakeSpacelift api = await FakeSpacelift.StartAsync();
            api.Account = FakeAccount.Large(stacks, resources);
            using RunningExporter exporter = await RunningExporter.StartAsync(api, ["--stacks-refresh=5s", "--drift-refresh=10s", "--max-calls-per-hour=0", .. options]);
            double start = exporter.Megabytes("VmRSS");
            for (int i = 0; i < Scrapes; i++)
            {
                await exporter.ScrapeAsync(gzip: true);
                await Task.Delay(20);
            }

            string shown = options.Length == 0 ? "-" : $"`{string.Join(' ', options)}`";
            Console.WriteLine($"| {stacks:n0} | {resources:n0} | {shown} | {start:n1} | {exporter.Megabytes("VmRSS"):n1} | {exporter.Megabytes("RssAnon"):n1} | {exporter.Megabytes("RssFile"):n1} |");
        }

        Console.WriteLine();
    }
}
