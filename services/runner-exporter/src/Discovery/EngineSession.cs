using CiMetrics.Docker;

namespace CiMetrics.RunnerExporter.Discovery;

/// <summary>A connection to an engine that answered: its host and its events from before the list is read.</summary>
internal sealed class EngineSession : IDisposable
{
    private static readonly string[] Actions = ["start", "die", "pause", "unpause", "update", "rename", "oom"];

    private EngineSession(DockerPing ping, DockerInfo host, DockerEventStream events)
    {
        Ping = ping;
        Host = host;
        Events = events;
    }

    /// <summary>What the engine said of itself.</summary>
    public DockerPing Ping { get; }

    /// <summary>The machine that its containers share.</summary>
    public DockerInfo Host { get; }

    /// <summary>What happens from now on.</summary>
    public DockerEventStream Events { get; }

    /// <summary>
    /// Connects. The events begin at <paramref name="sinceNano"/>, or without it at the engine's clock of just now, so
    /// that what happens while the list is read is replayed rather than missed.
    /// </summary>
    public static async Task<DockerResult<EngineSession>> OpenAsync(DockerClient engine, long? sinceNano, CancellationToken cancel)
    {
        if (!(await engine.PingAsync(cancel)).TryGet(out DockerPing? ping, out DockerFailure? failure)) return failure;
        if (!(await engine.InfoAsync(cancel)).TryGet(out DockerInfo? host, out failure)) return failure;
        long? since = sinceNano ?? ping.EngineTime?.ToUnixTimeMilliseconds() * 1_000_000;
        if (!(await engine.OpenEventsAsync(since, Actions, cancel)).TryGet(out DockerEventStream? events, out failure)) return failure;
        return new EngineSession(ping, host, events);
    }

    /// <inheritdoc/>
    public void Dispose() => Events.Dispose();
}
