namespace CiMetrics.RunnerExporter.State;

/// <summary>How long and how many builds are kept once they have ended.</summary>
/// <param name="Ttl">From the end on; zero keeps none.</param>
/// <param name="Max">The latest ones.</param>
internal sealed record FinishedRetention(TimeSpan Ttl, int Max)
{
    public static FinishedRetention Default { get; } = new(TimeSpan.FromMinutes(2), 100);
}

/// <summary>The end of a build, as far as it is known.</summary>
/// <param name="SeenAt">When it was learnt, by this program's clock.</param>
/// <param name="FinishedAt">When it was, by the engine's clock.</param>
/// <param name="ExitCode">Of the container's first process.</param>
internal sealed record BuildEnd(DateTimeOffset SeenAt, DateTimeOffset? FinishedAt = null, int? ExitCode = null);
