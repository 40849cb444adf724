using System.Diagnostics.CodeAnalysis;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>How an attempt to sample ended.</summary>
internal enum SampleStatus
{
    /// <summary>There is a sample.</summary>
    Taken,

    /// <summary>The container has ended: no further sample will come from this sampler.</summary>
    Gone,

    /// <summary>This attempt failed; the next may succeed.</summary>
    Failed,
}

/// <summary>A sample, or why there is none.</summary>
internal readonly record struct SampleOutcome
{
    private SampleOutcome(SampleStatus status, ContainerSample? sample, string reason)
    {
        Status = status;
        Sample = sample;
        Reason = reason;
    }

    public SampleStatus Status { get; }

    /// <summary>Null unless <see cref="SampleStatus.Taken"/>.</summary>
    public ContainerSample? Sample { get; }

    /// <summary>One line for the log; empty when taken.</summary>
    public string Reason { get; }

    public static SampleOutcome Taken(ContainerSample sample) => new(SampleStatus.Taken, sample, "");

    public static SampleOutcome Gone(string reason) => new(SampleStatus.Gone, null, reason);

    public static SampleOutcome Failed(string reason) => new(SampleStatus.Failed, null, reason);

    public bool TryGet([NotNullWhen(true)] out ContainerSample? sample)
    {
        sample = Sample;
        return sample is not null;
    }
}
