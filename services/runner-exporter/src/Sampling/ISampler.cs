namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>Takes samples of one container. Disposing releases what it holds; an attempt after that says Gone.</summary>
internal interface ISampler : IDisposable
{
    SampleSource Source { get; }

    /// <summary>Takes one sample now. Failure is a value; only cancellation is an exception.</summary>
    ValueTask<SampleOutcome> SampleAsync(CancellationToken cancellation);
}
