using CiMetrics.AlloyRunner.Config;

namespace CiMetrics.AlloyRunner.State;

/// <summary>What shows jobs at work.</summary>
internal enum JobSight
{
    /// <summary>Processes below the runner's.</summary>
    Processes,

    /// <summary>Containers of the Docker engine.</summary>
    Containers,
}

/// <summary>Which executor runs the jobs of a runner, as far as its configuration tells.</summary>
internal sealed class JobExecutors
{
    private readonly RunnerConfig? _config;
    private readonly string? _only;

    /// <summary>Reads it off a configuration; null: there is none.</summary>
    public JobExecutors(RunnerConfig? config)
    {
        _config = config is { Runners.Count: > 0 } ? config : null;
        string[] all = [.. (_config?.Runners ?? []).Select(runner => runner.Executor).Distinct(StringComparer.Ordinal).Take(2)];
        _only = all is [var one] ? one : null;
    }

    /// <summary>What shows the jobs of an executor; null: nothing here does, they run elsewhere.</summary>
    public static JobSight? SightOf(string executor) => executor switch
    {
        "shell" or "" => JobSight.Processes,
        "docker" or "docker-ssh" or "docker-windows" => JobSight.Containers,
        _ => null,
    };

    /// <summary>What shows the jobs of a runner, by its label.</summary>
    public JobSight? Sight(string runner) => _config is null ? JobSight.Processes : Of(runner) is { } executor ? SightOf(executor) : null;

    /// <summary>Whether the stages of a runner's jobs can be told: over ssh one container does all of it.</summary>
    public bool HasStages(string runner) => Of(runner) is not "docker-ssh";

    private string? Of(string runner) =>
        _only ?? (runner.Length == 0 ? null : _config?.Runners.FirstOrDefault(each => each.ShortToken.StartsWith(runner, StringComparison.Ordinal))?.Executor);
}
