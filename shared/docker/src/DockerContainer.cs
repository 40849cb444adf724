namespace CiMetrics.Docker;

/// <summary>One entry of <c>GET /containers/json</c>.</summary>
public sealed record DockerContainerSummary
{
    /// <summary>The engine's identifier: 64 hexadecimal digits.</summary>
    public string? Id { get; init; }

    /// <summary>Each with a leading slash; more than one where legacy links are used.</summary>
    public string[]? Names { get; init; }

    /// <summary><c>created running paused restarting removing exited dead</c>.</summary>
    public string? State { get; init; }

    /// <summary>Null where it has none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The container's own name without the slash (link aliases have a second one); empty when there is none.</summary>
    public string Name => Array.Find(Names ?? [], name => name.LastIndexOf('/') == 0)?[1..] ?? "";
}

/// <summary>What is used of <c>GET /containers/{id}/json</c>. Fields that the engine left out are null.</summary>
public sealed record DockerContainer
{
    /// <summary>The engine's identifier: 64 hexadecimal digits.</summary>
    public string? Id { get; init; }

    /// <summary>With a leading slash, as the engine writes it.</summary>
    public string? Name { get; init; }

    /// <summary>What it does now.</summary>
    public DockerContainerState? State { get; init; }

    /// <summary>Its limits and its network.</summary>
    public DockerHostConfig? HostConfig { get; init; }

    /// <summary>The file on the engine's host that the json-file driver writes to; null or empty where there is none.</summary>
    public string? LogPath { get; init; }

    /// <summary>The name without the leading slash.</summary>
    public string PlainName => Name?.TrimStart('/') ?? "";
}

/// <summary>The state of a container at the moment of the inspection.</summary>
public sealed record DockerContainerState
{
    /// <summary><c>created running paused restarting removing exited dead</c>.</summary>
    public string? Status { get; init; }

    /// <summary>True for a paused container as well.</summary>
    public bool? Running { get; init; }

    /// <summary>Its processes are frozen.</summary>
    public bool? Paused { get; init; }

    /// <summary>PID 1 of the container in the engine's PID namespace; 0 when it does not run.</summary>
    public int? Pid { get; init; }

    /// <summary>Of PID 1, when it last ended; 0 before.</summary>
    public int? ExitCode { get; init; }

    /// <summary>RFC 3339; the year 1 when it has not started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>RFC 3339; the year 1 while it has not finished.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>The resource settings of a container. <c>docker update</c> changes them during its life.</summary>
public sealed record DockerHostConfig
{
    /// <summary><c>--cpus</c> in 1e-9 cores; 0 when unset.</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Microseconds of CPU per period; 0 or -1 when unset.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>Microseconds; 0 when it is the kernel's default of 100,000.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>A list such as <c>0-3,7</c>; empty when unset.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>Bytes; 0 when unset.</summary>
    public long? Memory { get; init; }

    /// <summary>Null, 0 or -1 when unlimited.</summary>
    public long? PidsLimit { get; init; }

    /// <summary><c>default bridge host none container:ID</c> or a network's name.</summary>
    public string? NetworkMode { get; init; }
}
