using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.State;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>docker-machine's store: a folder for each machine, named <c>runner-TOKEN-TEMPLATE</c>.</summary>
internal sealed class MachineStore(string folder)
{
    private const int Most = 10_000;

    /// <summary>Counts the machines of both executors.</summary>
    public RunnerEvent.MachinesSeen Look(IReadOnlyList<MachineHelper> helpers, RunnerConfig? config)
    {
        string[]? names = Names();
        string[] ssh =
        [
            .. (config?.Runners ?? []).Where(runner => runner.Executor == "docker-ssh+machine" && runner.ShortToken.Length >= 8)
                .Select(runner => "runner-" + runner.ShortToken[..8]),
        ];
        return new RunnerEvent.MachinesSeen(Of(isSsh: false), Of(isSsh: true));

        MachineCounts Of(bool isSsh) => new(
            names?.Count(name => IsSsh(name) == isSsh),
            helpers.Count(helper => helper.IsCreating && IsSsh(helper.Machine) == isSsh),
            helpers.Count(helper => !helper.IsCreating && IsSsh(helper.Machine) == isSsh));

        bool IsSsh(string name) => Array.Exists(ssh, token => name.StartsWith(token, StringComparison.OrdinalIgnoreCase));
    }

    // Null where it cannot be seen: then what the log tells has to do.
    private string[]? Names()
    {
        string machines = Path.Combine(folder, "machines");
        try
        {
            return Directory.Exists(machines)
                ? [.. Directory.EnumerateDirectories(machines, "runner-*").Take(Most).Select(path => Path.GetFileName(path))]
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
