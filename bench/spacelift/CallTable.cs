using CiMetrics.Spacelift.Simulator;

namespace CiMetrics.Spacelift.Bench;

/// <summary>How many calls Spacelift gets within an hour. An hour takes a minute: every interval is a sixtieth of its own.</summary>
internal static class CallTable
{
    private static readonly TimeSpan Hour = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(15.0 / 60);

    public static async Task PrintAsync()
    {
        Console.WriteLine("Calls per hour with 2,000 stacks and 10,000 resources, scraped every 15 s by each server, half an interval apart. An hour is run in a minute.");
        Console.WriteLine();
        Console.WriteLine("| servers | scrapes | logins | calls for scrapes | pages of stacks | pages of resources | all calls |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
        foreach (int servers in (int[])[1, 2])
        {
            await using FakeSpacelift api = await FakeSpacelift.StartAsync();
            api.Account = FakeAccount.Large(2000, 10_000);
            using RunningExporter exporter = await RunningExporter.StartAsync(api, "--min-refresh=167ms", "--stacks-refresh=5s", "--drift-refresh=30s", "--max-calls-per-hour=0");
            Dictionary<string, int> before = Counts(api);
            int[] scrapes = await Task.WhenAll(Enumerable.Range(0, servers).Select(server => ScrapeAsync(exporter, ScrapeInterval / servers * server)));
            Dictionary<string, int> now = Counts(api);
            int Made(params string[] operations) => operations.Sum(operation => now[operation] - before[operation]);
            Console.WriteLine(
                $"| {servers} | {scrapes.Sum():n0} | {Made("apiKeyUser")} | {Made("publicWorkerPool", "workerPools", "usage", "metrics"):n0} "
                + $"| {Made("searchStacks"):n0} | {Made("searchManagedEntities"):n0} | {Made([.. now.Keys]):n0} |");
        }

        Console.WriteLine();
    }

    private static Dictionary<string, int> Counts(FakeSpacelift api) =>
        new[] { "apiKeyUser", "publicWorkerPool", "workerPools", "usage", "metrics", "searchStacks", "searchManagedEntities" }.ToDictionary(name => name, api.Count, StringComparer.Ordinal);

    private static async Task<int> ScrapeAsync(RunningExporter exporter, TimeSpan offset)
    {
        using CancellationTokenSource end = new(Hour);
        await Task.Delay(offset, CancellationToken.None);
        using PeriodicTimer timer = new(ScrapeInterval);
        int scrapes = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                await exporter.ScrapeAsync(gzip: true);
                scrapes++;
            }
        }
        catch (OperationCanceledException)
        {
            // The hour is over.
        }

        return scrapes;
    }
}
