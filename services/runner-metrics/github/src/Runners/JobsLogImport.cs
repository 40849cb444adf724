using System.Globalization;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Runners;

/// <summary>Counts the jobs of an earlier exporter's <c>jobs.log</c>, once, as far as the runner's own logs do not tell of them.</summary>
internal static class JobsLogImport
{
    private const long LargestFile = 64 << 20;

    /// <summary>Imports a file unless it was imported before.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Outcome Run(FleetState state, RunnerFolder runner, string path)
    {
        string full = Path.GetFullPath(path);
        string mark = "import " + full;
        if (state.Files.ContainsKey(mark)) return default;
        if (new FileInfo(full).Length > LargestFile) throw new IOException($"{full} is larger than 64 MiB");
        DateTimeOffset from = LogsBegin(runner);
        Outcome outcome = default;
        foreach (string line in File.ReadLines(full).Where(line => line.Length > 0))
        {
            string time = line.Split(',')[0];
            bool isTime = DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at);
            if (!isTime && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < 1L << 36) (isTime, at) = (true, DateTimeOffset.FromUnixTimeSeconds(seconds));
            if (!isTime || JobsLog.Read(runner.Name, line) is not { } job) outcome = outcome with { Refused = outcome.Refused + 1 };
            else if (at >= from) outcome = outcome with { InLogs = outcome.InLogs + 1 };
            else
            {
                state.Apply(job);
                outcome = outcome with { Imported = outcome.Imported + 1 };
            }
        }
        state.Files.Add(mark, new FilesRead());
        return outcome;
    }

    // The name of a log is when it was begun.
    private static DateTimeOffset LogsBegin(RunnerFolder runner)
    {
        if (!Directory.Exists(runner.Diag)) return DateTimeOffset.MaxValue;
        string? first = Directory.EnumerateFiles(runner.Diag, "Runner_*-utc.log").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault();
        return first is { Length: 30 } && DateTimeOffset.TryParseExact(first.AsSpan(7, 15), "yyyyMMdd-HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset begin)
            ? begin
            : DateTimeOffset.MaxValue;
    }

    /// <summary>What became of the lines.</summary>
    /// <param name="Imported">Counted.</param>
    /// <param name="InLogs">Left to the runner's logs, which tell of that time.</param>
    /// <param name="Refused">No jobs.</param>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    internal readonly record struct Outcome(long Imported, long InLogs, long Refused);
}
