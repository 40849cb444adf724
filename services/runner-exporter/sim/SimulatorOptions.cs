namespace CiMetrics.RunnerExporter.Simulator;

/// <summary>What a <see cref="DockerSimulator"/> pretends to be.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Newest API version served, <c>major.minor</c>; the one used for paths without a version.</summary>
    public string ApiVersion { get; init; } = "1.47";

    /// <summary>Oldest API version served; older paths get 400.</summary>
    public string MinApiVersion { get; init; } = "1.24";

    /// <summary>Version of the engine itself, as <c>/version</c> and the Server header tell it.</summary>
    public string EngineVersion { get; init; } = "27.5.1";

    /// <summary>Builds that come and go by themselves, at a time; 0: nothing but what is scripted.</summary>
    public int Builds { get; init; }

    /// <summary>CPUs of the pretended host.</summary>
    public int Cpus { get; init; } = 8;

    /// <summary>Memory of the pretended host in bytes; the limit of containers that set none.</summary>
    public long MemoryBytes { get; init; } = 32L << 30;

    /// <summary>The clock of the engine: times of events, figures and delays.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where identifiers and the automatic builds come from; a seeded one gives the same builds again.</summary>
    public Random Random { get; init; } = Random.Shared;
}
