using CiMetrics.RunnerExporter.Bench;

// Without arguments all tables. The exporter under test is published into a temporary folder as it is shipped.
if (args.Length > 1 || (args.Length == 1 && args[0] is not ("scrape" or "cpu" or "memory")))
{
    await Console.Error.WriteLineAsync("usage: [scrape | cpu | memory]");
    return 2;
}

string part = args.Length == 1 ? args[0] : "";
using PublishedExporter program = await PublishedExporter.PublishAsync();
if (part is "" or "scrape") await ScrapeTable.PrintAsync(program);
if (part is "" or "cpu") await CpuTable.PrintAsync(program);
if (part is "" or "memory") await MemoryTable.PrintAsync(program);
return 0;
