using System.Globalization;
using CiMetrics.AlloyRunner.State;
using CiMetrics.RunnerMetrics.Processes;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>
/// The jobs of the shell executor at work: each is a shell below the runner's process, and what runs below that tells the
/// stage. Command lines are looked at and never shown: they may carry tokens.
/// </summary>
internal sealed class JobProcesses(ProcFolder proc)
{
    private const int MostProcesses = 500;
    private static readonly string[] Shells = ["bash", "sh", "su", "runuser", "sudo", "pwsh", "zsh", "ash", "dash"];

    /// <summary>The jobs of the shell executor, and docker-machine's helpers.</summary>
    public (IReadOnlyList<SeenJob> Jobs, IReadOnlyList<MachineHelper> Helpers) Look(int runner)
    {
        List<SeenJob> jobs = [];
        List<MachineHelper> helpers = [];
        int looked = 0;
        foreach (int child in proc.Children(runner))
        {
            if (++looked > MostProcesses || proc.Stat(child) is not { State: not ('Z' or 'X') } stat) continue;
            IReadOnlyList<string> line = proc.CommandLine(child);
            if (MachineHelper.Of(line) is { } helper) helpers.Add(helper);
            else if (line.Count > 0 && Shells.Contains(BaseName(line[0]), StringComparer.Ordinal)) jobs.Add(Seen(child, stat.StartSeconds, ref looked));
        }
        return (jobs, helpers);
    }

    /// <summary>What the processes of a helper's container tell of the stage; null where they tell nothing.</summary>
    /// <param name="first">The container's first process.</param>
    public string? StageBelow(int first)
    {
        int looked = 0;
        return Below(first, ref looked).Select(pid => StageOf(proc.CommandLine(pid))).LastOrDefault(stage => stage is not null);
    }

    private SeenJob Seen(int shell, double start, ref int looked)
    {
        string stage = "build_script";
        long? job = null;
        foreach (int pid in Below(shell, ref looked))
        {
            if (StageOf(proc.CommandLine(pid)) is { } found) stage = found;
            job ??= long.TryParse(proc.Variable(pid, "CI_JOB_ID") ?? proc.Variable(pid, "CI_BUILD_ID"), NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : null;
        }
        // Each stage has a shell of its own: with the job it is one at work, else the shell stands for it.
        return new SeenJob(job is { } known ? $"job {known}" : $"process {shell} {start}", job, stage);
    }

    private List<int> Below(int first, ref int looked)
    {
        List<int> found = [first];
        for (int index = 0; index < found.Count && looked++ < MostProcesses; index++) found.AddRange(proc.Children(found[index]));
        return found;
    }

    private static string? StageOf(IReadOnlyList<string> line)
    {
        if (line.Count == 0) return null;
        if (BaseName(line[0]) == "git") return "get_sources";
        foreach (string word in line.Skip(1).Take(3))
        {
            string? stage = word switch
            {
                "cache-extractor" => "restore_cache",
                "artifacts-downloader" => "download_artifacts",
                "cache-archiver" => "archive_cache",
                "artifacts-uploader" => "upload_artifacts",
                _ => null,
            };
            if (stage is not null) return stage;
        }
        return null;
    }

    // A login shell calls itself "-bash".
    private static string BaseName(string path) => Path.GetFileName(path).TrimStart('-');
}

/// <summary>A process of docker-machine that creates or removes a machine.</summary>
/// <param name="IsCreating">Creates it; else removes it.</param>
/// <param name="Machine">The machine's name.</param>
internal sealed record MachineHelper(bool IsCreating, string Machine)
{
    /// <summary>Reads a command line; null where it is something else.</summary>
    public static MachineHelper? Of(IReadOnlyList<string> line)
    {
        if (!line.Take(2).Any(word => Path.GetFileName(word) == "docker-machine")) return null;
        string? verb = line.FirstOrDefault(word => word is "create" or "rm");
        // The machine's name is the last word.
        return verb is null ? null : new MachineHelper(verb == "create", line[^1]);
    }
}
