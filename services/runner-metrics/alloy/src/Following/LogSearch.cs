using CiMetrics.Docker;
using CiMetrics.RunnerMetrics.Processes;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>Finds the runner's log: where the settings say it is, or where the runner's process shows that it is.</summary>
internal sealed class LogSearch(AlloySettings settings, ProcFolder proc, ProcessFinder finder, DockerClient? engine)
{
    /// <summary>Whether the log can be somewhere else after a while: it was found, or its container can be made anew.</summary>
    public bool MayMove => settings.LogFile.Value.Length == 0 && settings.LogJournal.Value.Length == 0;

    /// <summary>Where it is, a file or the journal; null where that is not known now.</summary>
    public async Task<LogLocation?> FindAsync(CancellationToken cancellation)
    {
        LogLocation? found = Given() ?? (finder.Find() is { } pid ? LogLocation.Of(proc, pid) : null);
        return found is { Container: { } container } ? await OfContainerAsync(container, cancellation) : found;
    }

    private LogLocation? Given() =>
        settings.LogFile.Value is { Length: > 0 } file ? new LogLocation(file, null)
        : settings.LogJournal.Value is { Length: > 0 } unit ? new LogLocation(null, unit)
        : settings.LogContainer.Value is { Length: > 0 } container ? new LogLocation(null, null, container)
        : null;

    // The engine knows where it keeps its containers; without it they are looked for in the usual place.
    private async Task<LogLocation?> OfContainerAsync(string container, CancellationToken cancellation)
    {
        if (engine is not null && settings.Docker.Endpoint().SocketPath is not null)
        {
            if ((await engine.InspectAsync(container, cancellation)).TryGet(out DockerContainer? found, out DockerFailure? failure))
                return found.LogPath is { } path && path.EndsWith("-json.log", StringComparison.Ordinal) ? new LogLocation(path, null) : null;
            if (failure.Kind == DockerFailureKind.NotFound) return null;
        }
        return LogLocation.OfContainer(container);
    }
}
