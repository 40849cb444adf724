namespace CiMetrics.GitHubRunner.Simulator;

/// <summary>A job that a simulated runner has.</summary>
public sealed record SimulatedJob
{
    /// <summary>The runner's id of it.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>GitHub's id of it.</summary>
    public long ApiId { get; init; } = Random.Shared.NextInt64(1, 1L << 40);

    public long RunId { get; init; } = Random.Shared.NextInt64(1, 1L << 40);

    public int Attempt { get; init; } = 1;

    public string Name { get; init; } = "build";

    public string Repository { get; init; } = "octo/app";

    public string Workflow { get; init; } = "CI";

    public string? Environment { get; init; }

    /// <summary>When the commit was made, of a push.</summary>
    public DateTimeOffset? Committed { get; init; }

    /// <summary>Whether the job message carries GitHub's id.</summary>
    public bool HasCheckRun { get; init; }
}
