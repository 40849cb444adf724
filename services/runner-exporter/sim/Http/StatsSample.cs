using CiMetrics.RunnerExporter.Simulator.Engine;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>The figures of one running container and its host, read at one moment.</summary>
internal sealed record StatsSample(
    string Id,
    string Name,
    DateTimeOffset Read,
    ContainerFigures Figures,
    ContainerFigures? NetworkFigures,
    long MemoryLimit,
    ulong PidsLimit,
    long SystemCpuNanoseconds,
    int Cpus)
{
    /// <summary>False when there is no such container. No sample (null) when it does not run.</summary>
    public static bool TryTake(EngineState engine, string reference, out string? name, out string? id, out StatsSample? sample)
    {
        var now = engine.Clock.Now;
        bool found = engine.Containers.TryRead(reference, container => (container.Id, container.Name, Sample: Take(engine, container, now)), out var read);
        (id, name, sample) = (read.Id, read.Name, read.Sample);
        return found;
    }

    private static StatsSample? Take(EngineState engine, Container container, DateTimeOffset now)
    {
        if (!container.IsRunning)
            return null;
        var settings = container.Settings;
        var figures = container.FiguresAt(now);
        return new StatsSample(
            container.Id,
            container.Name,
            now,
            figures,
            NetworkFiguresOf(engine, settings.NetworkMode, figures, now),
            settings.Memory > 0 ? settings.Memory : engine.Options.MemoryBytes,
            settings.PidsLimit is > 0 and { } limit ? (ulong)limit : ulong.MaxValue,
            engine.Clock.HostUptime.Ticks * 100 * engine.Options.Cpus,
            engine.Options.Cpus);
    }

    /// <summary>Host and none have no sandbox of their own; <c>container:X</c> shares the one of X.</summary>
    private static ContainerFigures? NetworkFiguresOf(EngineState engine, string mode, ContainerFigures own, DateTimeOffset now)
    {
        const string shared = "container:";
        if (mode is "host" or "none")
            return null;
        if (!mode.StartsWith(shared, StringComparison.Ordinal))
            return own;
        engine.Containers.TryRead(mode[shared.Length..], other => other.IsRunning ? other.FiguresAt(now) : null, out var figures);
        return figures;
    }
}
