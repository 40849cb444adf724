using CiMetrics.Docker;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>How the Docker engine is watched. Written by one loop, read by any.</summary>
internal sealed class ContainerHealth
{
    /// <summary>Every reason that an engine is not watched for.</summary>
    public static readonly IReadOnlyList<DockerFailureKind> Reasons = Enum.GetValues<DockerFailureKind>();

    private readonly long[] _failures = new long[Reasons.Count];
    private volatile bool _isWanted;
    private volatile bool _isUp;

    /// <summary>Whether there is a runner whose jobs are containers here, as far as that is known.</summary>
    public bool IsWanted
    {
        get => _isWanted;
        set => _isWanted = value;
    }

    /// <summary>Whether its containers are known now.</summary>
    public bool IsUp
    {
        get => _isUp;
        set => _isUp = value;
    }

    /// <summary>Times that the engine was lost or did not answer as it should.</summary>
    public long Failures(DockerFailureKind reason) => Interlocked.Read(ref _failures[(int)reason]);

    /// <summary>Counts one.</summary>
    public void Count(DockerFailureKind reason) => Interlocked.Increment(ref _failures[(int)reason]);
}
