using System.Globalization;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Runners;

/// <summary>
/// The earlier shell exporter's <c>jobs.log</c>: <c>timestamp,job_id,status,duration_seconds,queue_time_seconds</c>. Its
/// queue times were always 0 and are not taken over.
/// </summary>
internal static class JobsLog
{
    private const long LongestJob = 6L * 24 * 3600;

    /// <summary>Reads a line; null where it is no job, such as a heading.</summary>
    public static Fact.Imported? Read(string runner, string line)
    {
        string[] parts = line.Split(',');
        if (parts.Length != 5 || JobResults.OfJobsLog(parts[2].Trim()) is not { } result) return null;
        bool isKnown = double.TryParse(parts[3], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and <= LongestJob;
        return new Fact.Imported(runner, result, isKnown ? seconds : null);
    }
}
