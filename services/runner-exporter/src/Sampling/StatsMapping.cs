using CiMetrics.Docker;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>The engine's statistics as a sample.</summary>
internal static class StatsMapping
{
    /// <summary>Null when the engine read nothing: it answers with the year 1 for a container that does not run.</summary>
    public static ContainerSample? ToSample(DockerStats stats, string? networkMode, DateTimeOffset now)
    {
        if (stats.Read is not { Year: > 1 } read) return null;
        NetworkBytes? network = stats.Networks is { } all ? Network(all) : NetworkModes.Fixed(networkMode);
        BlockBytes block = Block(stats.BlkioStats?.IoServiceBytesRecursive);
        return new ContainerSample
        {
            Source = SampleSource.StatsApi,
            Time = now,
            ReadNanoseconds = (read - DateTimeOffset.UnixEpoch).Ticks * 100,
            CpuUsageNanoseconds = Clamp(stats.CpuStats?.CpuUsage?.TotalUsage),
            MemoryUsageBytes = Clamp(stats.MemoryStats?.Usage),
            NetworkReceiveBytes = network?.Received,
            NetworkTransmitBytes = network?.Sent,
            BlockInputBytes = block.Read,
            BlockOutputBytes = block.Written,
            Pids = Clamp(stats.PidsStats?.Current),
            PidsLimit = stats.PidsStats?.Limit is > 0 and < ulong.MaxValue and { } limit ? Clamp(limit) : null,
            CpuPeriods = Clamp(stats.CpuStats?.ThrottlingData?.Periods),
            ThrottledPeriods = Clamp(stats.CpuStats?.ThrottlingData?.ThrottledPeriods),
            ThrottledNanoseconds = Clamp(stats.CpuStats?.ThrottlingData?.ThrottledTime),
            InactiveFileBytes = Stat(stats.MemoryStats, "total_inactive_file", "inactive_file"),
            AnonymousBytes = Stat(stats.MemoryStats, "total_rss", "anon"),
            PeakBytes = Clamp(stats.MemoryStats?.MaxUsage),
            MemoryFailures = Clamp(stats.MemoryStats?.Failcnt),
        };
    }

    private static long? Stat(DockerMemoryStats? memory, string v1, string v2) =>
        memory?.Stats is not { } all ? null
        : all.TryGetValue(v1, out ulong value) || all.TryGetValue(v2, out value) ? Clamp(value)
        : null;

    private static NetworkBytes Network(IReadOnlyDictionary<string, DockerNetworkStats> networks)
    {
        long received = 0, sent = 0;
        foreach (DockerNetworkStats network in networks.Values)
        {
            received += Clamp(network.RxBytes) ?? 0;
            sent += Clamp(network.TxBytes) ?? 0;
        }

        return new(received, sent);
    }

    /// <summary>Read and Write on cgroup v1, read and write on v2; the other operations count the same bytes again.</summary>
    private static BlockBytes Block(DockerBlockEntry[]? entries)
    {
        // The engine writes null, not an empty list, before the first I/O.
        long input = 0, output = 0;
        foreach (DockerBlockEntry entry in entries ?? [])
        {
            if (string.Equals(entry.Op, "read", StringComparison.OrdinalIgnoreCase)) input += Clamp(entry.Value) ?? 0;
            else if (string.Equals(entry.Op, "write", StringComparison.OrdinalIgnoreCase)) output += Clamp(entry.Value) ?? 0;
        }

        return new(input, output);
    }

    private static long? Clamp(ulong? value) => value is { } number ? KernelText.Clamp(number) : null;
}
