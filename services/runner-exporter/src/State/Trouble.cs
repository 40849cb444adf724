namespace CiMetrics.RunnerExporter.State;

/// <summary>Why something that should have worked did not.</summary>
internal enum ErrorReason
{
    /// <summary>No connection to the engine, or it broke.</summary>
    EngineUnreachable,

    /// <summary>The engine did not answer in time.</summary>
    EngineTimeout,

    /// <summary>The socket's permissions or an authorisation plug-in say no.</summary>
    EngineRefused,

    /// <summary>The TLS handshake failed.</summary>
    EngineTls,

    /// <summary>The engine and this program have no API version in common.</summary>
    EngineVersion,

    /// <summary>The engine answered that it failed.</summary>
    EngineError,

    /// <summary>The engine's answer is not what the Docker API documents.</summary>
    EngineProtocol,

    /// <summary>A line of the event stream was not understood.</summary>
    EventSkipped,

    /// <summary>A build's cgroup files could not be read.</summary>
    SampleCgroup,

    /// <summary>The engine gave no statistics of a build.</summary>
    SampleApi,
}

/// <summary>What goes wrong, counted where it happens. Thread-safe.</summary>
internal sealed class Trouble
{
    private readonly long[] _errors = new long[Reasons.Count];
    private long _reconnects;

    /// <summary>Every reason there is.</summary>
    public static IReadOnlyList<ErrorReason> Reasons { get; } = Enum.GetValues<ErrorReason>();

    /// <summary>Times that the event stream was opened again.</summary>
    public long Reconnects => Interlocked.Read(ref _reconnects);

    /// <summary>Errors of this reason so far.</summary>
    public long Of(ErrorReason reason) => Interlocked.Read(ref _errors[(int)reason]);

    public void Count(ErrorReason reason, long times = 1) => Interlocked.Add(ref _errors[(int)reason], times);

    public void CountReconnect() => Interlocked.Increment(ref _reconnects);
}
