namespace CiMetrics.GitHubRunner.State;

/// <summary>What the state is told by the settings.</summary>
internal sealed record FleetRules
{
    /// <summary>The runners that are observed here: only their jobs are counted as jobs.</summary>
    public IReadOnlySet<string> Runners { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Whether GitHub tells of jobs: then what the log leaves open is waited for.</summary>
    public bool HasApi { get; init; }

    /// <summary>Whether GitHub's API is asked about what no other source tells of.</summary>
    public bool AsksApi { get; init; }

    public DeploymentRule Deployments { get; init; } = DeploymentRule.None;

    public bool ByRepository { get; init; }

    public bool ByWorkflow { get; init; }

    /// <summary>Pairs of repository and workflow that have series of their own.</summary>
    public int MostWorkloads { get; init; } = 200;

    /// <summary>How long jobs that have ended are remembered, so that they are not counted again.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(72);
}
