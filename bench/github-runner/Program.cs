using CiMetrics.GitHubRunner.Bench;

// Without arguments both tables, of the program that ./build.sh publish made.
if (args.Length > 1 || (args.Length == 1 && args[0] is not ("budget" or "dashboard")))
{
    await Console.Error.WriteLineAsync("usage: [budget | dashboard]");
    return 2;
}

string part = args.Length == 1 ? args[0] : "";
if (part is "" or "budget") await BudgetTable.PrintAsync();
if (part is "" or "dashboard") await DashboardTable.PrintAsync();
return 0;
