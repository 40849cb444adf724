using CiMetrics.Receiver.Bench;

// Without arguments: all tables.
string[] tables = args.Length > 0 ? args : ["rate", "scrape", "start"];
foreach (string table in tables)
{
    switch (table)
    {
        case "rate":
            await RateTable.PrintAsync();
            break;
        case "scrape":
            await ScrapeTable.PrintAsync();
            break;
        case "start":
            await StartTable.PrintAsync();
            break;
        default:
            await Console.Error.WriteLineAsync("usage: [rate] [scrape] [start]");
            return 2;
    }
}

return 0;
