using CiMetrics.Exposition.Bench;

// Without arguments: both tables. The load is put on a server in a process of its own, started from this program.
switch (args)
{
    case [] or ["all"]:
        await ScrapeTable.PrintAsync();
        await HttpTable.PrintAsync(Environment.ProcessPath!);
        return 0;
    case ["scrape"]:
        await ScrapeTable.PrintAsync();
        return 0;
    case ["http"]:
        await HttpTable.PrintAsync(Environment.ProcessPath!);
        return 0;
    case ["http", var program]:
        await HttpTable.PrintAsync(program);
        return 0;
    case ["serve", var values, var series]:
        await Server.RunAsync(values, int.Parse(series));
        return 0;
    case ["load", var url, var connections, var seconds]:
        Console.WriteLine(await LoadClient.RunAsync(new Uri(url), int.Parse(connections), double.Parse(seconds)));
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: [all | scrape | http [server program] | serve integers|doubles SERIES | load URL CONNECTIONS SECONDS]");
        return 2;
}
