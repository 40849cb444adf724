using CiMetrics.Spacelift.Bench;

// Without arguments all tables. The exporter under test is the published one.
if (args.Length > 1 || (args.Length == 1 && args[0] is not ("scrape" or "calls" or "memory")))
{
    await Console.Error.WriteLineAsync("usage: [scrape | calls | memory]");
    return 2;
}

string part = args.Length == 1 ? args[0] : "";
if (part is "" or "scrape") await ScrapeTable.PrintAsync();
if (part is "" or "memory") await MemoryTable.PrintAsync();
if (part is "" or "calls") await CallTable.PrintAsync();
return 0;
