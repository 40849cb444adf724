using CiMetrics.AlloyRunner.Config;
using CiMetrics.Hosting;
using CiMetrics.RunnerMetrics.Processes;

namespace CiMetrics.AlloyRunner.Listening;

/// <summary>
/// Where the observed runner itself listens or would: in its configuration, on its command line, in its environment. In
/// this family a busy port ends the whole runner and its jobs, so that none of these is ever taken from it.
/// </summary>
internal static class RunnersOwnAddress
{
    private static readonly string[] Flags = ["--metrics-server", "-metrics-server", "--listen-address", "-listen-address"];
    private static readonly string[] Variables = ["METRICS_SERVER", "LISTEN_ADDRESS"];

    /// <summary>The addresses that its configuration names.</summary>
    public static IEnumerable<ListenAddress> Of(RunnerConfig config) => config.ListenAddresses.SelectMany(Parsed);

    /// <summary>The addresses that a running one was started with, as far as we may know.</summary>
    public static IEnumerable<ListenAddress> Of(ProcFolder proc, int pid)
    {
        IReadOnlyList<string> line = proc.CommandLine(pid);
        for (int i = 0; i < line.Count; i++)
        {
            foreach (string flag in Flags)
            {
                string? text = line[i] == flag && i + 1 < line.Count ? line[i + 1] : line[i].StartsWith(flag + "=", StringComparison.Ordinal) ? line[i][(flag.Length + 1)..] : null;
                if (text is null) continue;
                foreach (ListenAddress address in Parsed(text)) yield return address;
            }
        }
        foreach (string variable in Variables)
        {
            if (proc.Variable(pid, variable) is not { } text) continue;
            foreach (ListenAddress address in Parsed(text)) yield return address;
        }
    }

    /// <summary>What to tell when one of ours may be one of the runner's; null where none is.</summary>
    public static string? Conflict(IEnumerable<ListenAddress> ours, IEnumerable<ListenAddress> runners, string where)
    {
        foreach (ListenAddress own in ours)
        {
            foreach (ListenAddress runner in runners)
            {
                if (MetricsServerAddress.MayClash(own, runner))
                    return $"{own} is where the observed runner itself is to listen ({where}): a busy port ends the runner and its jobs, so it is left to it. Give another address with --metrics-server; the runner's own metrics are passed on there at /metrics/runner";
            }
        }
        return null;
    }

    private static IEnumerable<ListenAddress> Parsed(string text) =>
        MetricsServerAddress.TryParse(text, out ListenAddress? address) && address is not null ? [address] : [];
}
