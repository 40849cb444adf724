using System.Diagnostics;

namespace CiMetrics.DevRun;

/// <summary>A line of the table: a service that runs, where, and what it watches.</summary>
internal sealed record Row(string Name, Uri? Url, string Source, Child Service)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>The page of the table.</summary>
    public string Page { get; init; } = "/metrics";

    /// <summary>Waits until it answers, so that the URLs in the table work when they are read.</summary>
    public async Task WaitUntilHealthyAsync(CancellationToken stop)
    {
        if (Url is null) return;
        Stopwatch watch = Stopwatch.StartNew();
        while (!Service.HasExited && watch.Elapsed < Patience)
        {
            try
            {
                using HttpResponseMessage answer = await Client.GetAsync(new Uri(Url, "/-/healthy"), stop);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(50, stop);
        }

        Child.Print(Name, Service.HasExited ? "did not start" : $"does not answer at {Url}");
    }

    /// <summary>Prints the table to standard output.</summary>
    public static void PrintTable(IReadOnlyList<Row> rows)
    {
        int name = Math.Max("SERVICE".Length, rows.Max(row => row.Name.Length));
        int url = Math.Max("URL".Length, rows.Max(row => UrlOf(row).Length));
        Console.WriteLine();
        Console.WriteLine($"{"SERVICE".PadRight(name)}  {"URL".PadRight(url)}  SOURCE");
        foreach (Row row in rows) Console.WriteLine($"{row.Name.PadRight(name)}  {UrlOf(row).PadRight(url)}  {row.Source}");
        Console.WriteLine("Ctrl-C stops everything.");
    }

    private static string UrlOf(Row row) => row.Url is null ? "-" : new Uri(row.Url, row.Page).ToString();
}
