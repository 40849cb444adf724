using System.Text.Json.Nodes;
using CiMetrics.RunnerExporter.Simulator.Engine;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>The answer of <c>/containers/{id}/stats</c> as an engine on cgroup v2 writes it.</summary>
internal static class StatsJson
{
    /// <param name="now">What was read.</param>
    /// <param name="before">What <c>precpu_stats</c> shows; null leaves it at zeros.</param>
    /// <param name="named">Whether the frame names its container.</param>
    public static JsonObject Frame(StatsSample now, StatsSample? before, bool named)
    {
        var figures = now.Figures;
        var frame = new JsonObject();
        if (named)
        {
            frame["name"] = "/" + now.Name;
            frame["id"] = now.Id;
        }

        frame["read"] = EngineClock.Format(now.Read);
        frame["preread"] = EngineClock.Format(before?.Read);
        frame["pids_stats"] = new JsonObject { ["current"] = figures.Pids, ["limit"] = now.PidsLimit };
        frame["blkio_stats"] = BlockIo(new JsonArray(Operation("read", figures.ReadBytes), Operation("write", figures.WrittenBytes)));
        frame["num_procs"] = 0;
        frame["storage_stats"] = new JsonObject();
        frame["cpu_stats"] = Cpu(now);
        frame["precpu_stats"] = Cpu(before);
        frame["memory_stats"] = Memory(now);
        if (now.NetworkFigures is { } network)
            frame["networks"] = new JsonObject { ["eth0"] = Network(network) };
        return frame;
    }

    /// <summary>The frame of a container that does not run: its name among zeros.</summary>
    public static JsonObject Empty(string name, string id) => new()
    {
        ["name"] = "/" + name,
        ["id"] = id,
        ["read"] = EngineClock.Format(null),
        ["preread"] = EngineClock.Format(null),
        ["pids_stats"] = new JsonObject(),
        ["blkio_stats"] = BlockIo(null),
        ["num_procs"] = 0,
        ["storage_stats"] = new JsonObject(),
        ["cpu_stats"] = Cpu(null),
        ["precpu_stats"] = Cpu(null),
        ["memory_stats"] = new JsonObject(),
    };

    private static JsonObject Cpu(StatsSample? sample)
    {
        var figures = sample?.Figures ?? new ContainerFigures();
        var cpu = new JsonObject
        {
            ["cpu_usage"] = new JsonObject
            {
                ["total_usage"] = figures.CpuNanoseconds,
                ["usage_in_kernelmode"] = figures.CpuKernelNanoseconds,
                ["usage_in_usermode"] = figures.CpuNanoseconds - figures.CpuKernelNanoseconds,
            },
        };
        if (sample is not null)
        {
            cpu["system_cpu_usage"] = sample.SystemCpuNanoseconds;
            cpu["online_cpus"] = sample.Cpus;
        }

        cpu["throttling_data"] = new JsonObject
        {
            ["periods"] = figures.CpuPeriods,
            ["throttled_periods"] = figures.ThrottledPeriods,
            ["throttled_time"] = figures.ThrottledNanoseconds,
        };
        return cpu;
    }

    private static JsonObject Memory(StatsSample sample)
    {
        long usage = sample.Figures.MemoryBytes;
        long inactiveFile = sample.Figures.InactiveFileBytes;
        long activeFile = inactiveFile / 4;
        return new JsonObject
        {
            ["usage"] = usage,
            ["stats"] = new JsonObject
            {
                ["active_anon"] = 4096,
                ["active_file"] = activeFile,
                ["anon"] = Math.Max(0, usage - inactiveFile - activeFile),
                ["file"] = inactiveFile + activeFile,
                ["inactive_anon"] = Math.Max(0, usage - inactiveFile - activeFile),
                ["inactive_file"] = inactiveFile,
                ["pgfault"] = usage / 4096,
                ["pgmajfault"] = 0,
                ["shmem"] = 0,
                ["unevictable"] = 0,
            },
            ["limit"] = sample.MemoryLimit,
        };
    }

    private static JsonObject Network(ContainerFigures figures) => new()
    {
        ["rx_bytes"] = figures.ReceivedBytes,
        ["rx_packets"] = figures.ReceivedBytes / 1200,
        ["rx_errors"] = 0,
        ["rx_dropped"] = 0,
        ["tx_bytes"] = figures.SentBytes,
        ["tx_packets"] = figures.SentBytes / 600,
        ["tx_errors"] = 0,
        ["tx_dropped"] = 0,
    };

    private static JsonObject BlockIo(JsonArray? bytes) => new()
    {
        ["io_service_bytes_recursive"] = bytes,
        ["io_serviced_recursive"] = null,
        ["io_queue_recursive"] = null,
        ["io_service_time_recursive"] = null,
        ["io_wait_time_recursive"] = null,
        ["io_merged_recursive"] = null,
        ["io_time_recursive"] = null,
        ["sectors_recursive"] = null,
    };

    // On cgroup v2 the operations are lower-case (they are capitalised on v1).
    private static JsonObject Operation(string operation, long bytes) =>
        new() { ["major"] = 259, ["minor"] = 0, ["op"] = operation, ["value"] = bytes };
}
