namespace CiMetrics.Hosting;

/// <summary>Where the service is in its life.</summary>
internal enum ReadyState
{
    Starting,
    Ready,
    Draining,
}

/// <summary>Whether the service takes requests.</summary>
internal sealed class Readiness
{
    private volatile ReadyState _state = ReadyState.Starting;

    /// <summary>The state now.</summary>
    public ReadyState State
    {
        get => _state;
        set => _state = value;
    }
}
