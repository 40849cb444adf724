using CiMetrics.Docker;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>
/// Samples through the engine's statistics call, for engines whose cgroups cannot be read from here. A call may take two
/// seconds, so those of several containers run side by side, but never more than the gate lets through. Waiting and
/// calling together end at a deadline.
/// </summary>
internal sealed class StatsSampler(DockerClient client, string id, string? networkMode, SemaphoreSlim gate, TimeProvider time) : ISampler
{
    /// <summary>Longer than a contended engine takes, shorter than a scrape interval of 15 s.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(12);

    private volatile bool _disposed;

    /// <inheritdoc/>
    public SampleSource Source => SampleSource.StatsApi;

    /// <inheritdoc/>
    public async ValueTask<SampleOutcome> SampleAsync(CancellationToken cancellation)
    {
        if (_disposed) return SampleOutcome.Gone("the sampler was disposed");
        using CancellationTokenSource deadline = new(Deadline, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            await gate.WaitAsync(either.Token);
            try
            {
                return Outcome(await client.StatsAsync(id, either.Token));
            }
            finally
            {
                gate.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return SampleOutcome.Failed($"no statistics within {Deadline.TotalSeconds} s");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _disposed = true;

    private SampleOutcome Outcome(DockerResult<DockerStats> result)
    {
        if (!result.TryGet(out DockerStats? stats, out DockerFailure? failure))
            return failure.Kind == DockerFailureKind.NotFound ? SampleOutcome.Gone(failure.Message) : SampleOutcome.Failed(failure.Message);
        return StatsMapping.ToSample(stats, networkMode, time.GetUtcNow()) is { } sample
            ? SampleOutcome.Taken(sample)
            : SampleOutcome.Gone("the engine has no figures: the container does not run");
    }
}
