namespace CiMetrics.RunnerExporter.Simulator;

/// <summary>What a container is created with; limits are in the units of the engine's HostConfig, 0 where not set.</summary>
public sealed class ContainerSettings
{
    public string Image { get; set; } = "atlassian/default-image:4";

    public string Command { get; set; } = "/bin/sh -c build.sh";

    /// <summary>Billionths of a CPU (<c>--cpus</c>).</summary>
    public long NanoCpus { get; set; }

    /// <summary>Microseconds of CPU per period; -1 is no limit too.</summary>
    public long CpuQuota { get; set; }

    /// <summary>Microseconds; 0 means the kernel's 100,000.</summary>
    public long CpuPeriod { get; set; }

    /// <summary>List of CPUs such as <c>0-2,5</c>.</summary>
    public string CpusetCpus { get; set; } = "";

    /// <summary>Bytes.</summary>
    public long Memory { get; set; }

    /// <summary>Processes; null where none is set, which inspect shows as null.</summary>
    public long? PidsLimit { get; set; }

    /// <summary><c>bridge</c>, <c>host</c>, <c>none</c>, a network's name or <c>container:ID</c>.</summary>
    public string NetworkMode { get; set; } = "bridge";

    public Dictionary<string, string> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>The figures after so much active time (running and not paused). Cumulative ones must not fall.</summary>
    public Func<TimeSpan, ContainerFigures> Figures { get; set; } = new Workload().At;
}
