using CiMetrics.Exposition.Bench;

// Without arguments: both tables. The load is put on a server in a process of its own: this program, published as the services are.
switch (args)
{
    case []:
        await ScrapeTable.PrintAsync();
        await HttpTable.PrintAsync();
        return 0;
    case ["scrape"]:
        await ScrapeTable.PrintAsync();
        return 0;
    case ["scrape", var part]:
        await ScrapeTable.PrintAsync(part);
        return 0;
    case ["http"]:
        await HttpTable.PrintAsync();
        return 0;
    case ["serve", var values, var series]:
        await Server.RunAsync(values, int.Parse(series));
        return 0;
    case ["load", var url, var connections, var seconds]:
        Console.WriteLine(await LoadClient.RunAsync(new Uri(url), int.Parse(connections), double.Parse(seconds)));
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: [scrape [CASE] | http | serve integers|doubles SERIES | load URL CONNECTIONS SECONDS]");
        return 2;
}
