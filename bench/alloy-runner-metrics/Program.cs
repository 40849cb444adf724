using CiMetrics.AlloyRunner.Bench;

// Without arguments all tables. The running program is the one that ./build.sh publish made.
if (args.Length > 1 || (args.Length == 1 && args[0] is not ("follow" or "running")))
{
    await Console.Error.WriteLineAsync("usage: [follow | running]");
    return 2;
}

string part = args.Length == 1 ? args[0] : "";
if (part is "" or "follow") FollowTable.Print();
if (part is "" or "running") await RunningTable.PrintAsync();
return 0;
