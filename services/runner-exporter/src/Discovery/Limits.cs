using CiMetrics.Docker;

namespace CiMetrics.RunnerExporter.Discovery;

/// <summary>What a container may use at most, from its settings and its host. An unset limit is the host's capacity.</summary>
internal static class Limits
{
    private const double DefaultPeriodMicroseconds = 100_000;

    /// <summary>
    /// Cores: <c>NanoCpus</c>, else quota over period, never more than the CPUs of the cpuset or of the host. Null when
    /// nothing limits the container and the host's CPUs are not known.
    /// </summary>
    public static double? CpuCores(DockerHostConfig? config, int? hostCpus)
    {
        double cores = double.PositiveInfinity;
        if (config?.NanoCpus is > 0 and long nano)
        {
            cores = nano / 1e9;
        }
        else if (config?.CpuQuota is > 0 and long quota)
        {
            // The period is 0 when the kernel's default is in force; a quota of -1 means none.
            cores = quota / (config.CpuPeriod is > 0 and long period ? period : DefaultPeriodMicroseconds);
        }

        if (CpuSet.Count(config?.CpusetCpus) is int pinned) cores = Math.Min(cores, pinned);
        if (hostCpus is > 0 and int all) cores = Math.Min(cores, all);
        return double.IsFinite(cores) ? cores : null;
    }

    /// <summary>Bytes: the container's limit, never more than the host has. Null when neither is known.</summary>
    public static long? MemoryBytes(DockerHostConfig? config, long? hostMemory)
    {
        long? host = hostMemory is > 0 ? hostMemory : null;
        return config?.Memory is > 0 and long limit ? Math.Min(limit, host ?? long.MaxValue) : host;
    }

    /// <summary>Processes and threads; null when there is no limit.</summary>
    public static long? Pids(DockerHostConfig? config) => config?.PidsLimit is > 0 and long limit ? limit : null;
}
