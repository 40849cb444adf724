using System.Diagnostics;

namespace CiMetrics.Exposition.Bench;

/// <summary>Time and allocation of a scrape, without a network. Every value changes between two scrapes.</summary>
internal static class ScrapeTable
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(700);

    private static readonly (string Name, ScrapeFormat Format)[] Formats =
    [
        ("text", new(OpenMetrics: false, Gzip: false)),
        ("OpenMetrics", new(OpenMetrics: true, Gzip: false)),
        ("gzip", new(OpenMetrics: false, Gzip: true)),
    ];

    public static async Task PrintAsync(string part = "")
    {
        Console.WriteLine("Scrapes without a network, median of the runs; allocation is the mean.");
        Console.WriteLine();
        Console.WriteLine("| case | series | format | body bytes | us/scrape | ns/sample | bytes allocated/scrape | /sample |");
        Console.WriteLine("|---|---:|---|---:|---:|---:|---:|---:|");
        foreach (Func<int, Case> create in Case.All)
        {
            foreach (int series in new[] { 10, 1_000, 10_000, 100_000 })
            {
                Case @case = create(series);
                if (!@case.Name.Contains(part, StringComparison.Ordinal))
                    break;
                foreach ((string name, ScrapeFormat format) in Formats)
                    await RowAsync(@case, name, format);
            }
        }
    }

    private static async Task RowAsync(Case @case, string format, ScrapeFormat scrapeFormat)
    {
        await MeasureAsync(@case, scrapeFormat, Budget / 3);
        (double microseconds, double allocated, long length) = await MeasureAsync(@case, scrapeFormat, Budget);
        Console.WriteLine(
            $"| {@case.Name} | {@case.Series:n0} | {format} | {length:n0} | {microseconds:n1} | {microseconds * 1000 / @case.Series:n1} | {allocated:n0} | {allocated / @case.Series:n3} |");
    }

    private static async Task<(double Microseconds, double Allocated, long Length)> MeasureAsync(Case @case, ScrapeFormat format, TimeSpan budget)
    {
        var times = new List<double>(1 << 20);
        long allocated = 0;
        long length = 0;
        var total = Stopwatch.StartNew();
        while (total.Elapsed < budget || times.Count < 5)
        {
            @case.Change();
            long before = GC.GetTotalAllocatedBytes(precise: false);
            long threadBefore = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            using (Scrape scrape = await @case.Registry.ScrapeAsync(format))
                length = scrape.Length;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);

            // Nothing waits, so it ran on this thread; the other count is for the case that it did not.
            long thread = GC.GetAllocatedBytesForCurrentThread() - threadBefore;
            allocated += thread >= 0 ? thread : GC.GetTotalAllocatedBytes(precise: false) - before;
        }

        times.Sort();
        return (times[times.Count / 2], (double)allocated / times.Count, length);
    }
}
