namespace CiMetrics.RunnerExporter.Simulator.Engine;

/// <summary>One container and where it is in its life. Guarded by the store's lock.</summary>
internal sealed class Container(string id, string name, ContainerSettings settings, long pid, DateTimeOffset startedAt)
{
    private TimeSpan _pausedFor;
    private DateTimeOffset _pausedAt;

    public string Id => id;

    /// <summary>Without the leading slash.</summary>
    public string Name => name;

    public ContainerSettings Settings => settings;

    public long Pid => IsRunning ? pid : 0;

    public DateTimeOffset StartedAt => startedAt;

    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>True while paused too, as in the engine.</summary>
    public bool IsRunning => FinishedAt is null;

    public bool IsPaused { get; private set; }

    public bool OomKilled { get; set; }

    public int ExitCode { get; private set; }

    public string Status => !IsRunning ? "exited" : IsPaused ? "paused" : "running";

    public void Pause(DateTimeOffset now)
    {
        IsPaused = true;
        _pausedAt = now;
    }

    public void Unpause(DateTimeOffset now)
    {
        IsPaused = false;
        _pausedFor += now - _pausedAt;
    }

    public void Finish(int exitCode, DateTimeOffset now)
    {
        if (IsPaused)
            Unpause(now);
        ExitCode = exitCode;
        FinishedAt = now;
    }

    public ContainerFigures FiguresAt(DateTimeOffset now)
    {
        DateTimeOffset until = IsPaused ? _pausedAt : now;
        return settings.Figures(until - startedAt - _pausedFor);
    }
}
