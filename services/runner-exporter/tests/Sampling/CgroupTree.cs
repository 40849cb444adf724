using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

/// <summary>
/// A /proc and /sys/fs/cgroup in a temp folder with contents as recorded on real hosts. A mountinfo names the folder's
/// own paths as mount points.
/// </summary>
internal sealed class CgroupTree : IDisposable
{
    public const int Pid = 4242;
    public const string Id = "3f1b1c0d2e4f5061728394a5b6c7d8e9f00112233445566778899aabbccddeef";

    public const string NetDev = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:     700       7    0    0    0     0          0         0      700       7    0    0    0     0       0          0
          eth0:    1000      10    0    0    0     0          0         0     2000      12    0    0    0     0       0          0

        """;

    private readonly TempFolder _folder = new();
    private readonly List<string> _mounts = [];

    public CgroupTree() => Proc($"{Pid}/net/dev", NetDev);

    public HostPaths Paths => new(_folder.PathOf("proc"), _folder.PathOf("cg"));

    public void Proc(string name, string text) => _folder.Write($"proc/{name}", text);

    /// <summary>What <c>/proc/PID/cgroup</c> says.</summary>
    public void ProcessIn(params string[] lines) => Proc($"{Pid}/cgroup", string.Join('\n', lines) + "\n");

    public void Mount(string point, string root, string type, string options)
    {
        string at = point.Length == 0 ? Paths.Cgroup : $"{Paths.Cgroup}/{point}";
        Directory.CreateDirectory(at);
        _mounts.Add($"{30 + _mounts.Count} 25 0:{26 + _mounts.Count} {root} {at} rw,nosuid,nodev,noexec,relatime shared:{9 + _mounts.Count} - {type} {type} {options}");
        Proc("self/mountinfo", "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n" + string.Join('\n', _mounts) + "\n");
    }

    public void File(string name, string text) => _folder.Write($"cg/{name}", text);

    public void Remove(string name) => System.IO.File.Delete(_folder.PathOf("cg", name));

    /// <summary>The files that cgroup v2 has in a container's folder.</summary>
    public void FilesV2(string folder)
    {
        File($"{folder}/cpu.stat", "usage_usec 5000000\nuser_usec 4000000\nsystem_usec 1000000\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n");
        File($"{folder}/memory.current", "104857600\n");
        File($"{folder}/pids.current", "17\n");
        File($"{folder}/io.stat", "259:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n253:0 rbytes=1 wbytes=2 rios=1 wios=1 dbytes=0 dios=0\n");
    }

    /// <summary>The files that each controller of cgroup v1 has.</summary>
    public void FilesV1(string path, bool coMounted)
    {
        File($"{(coMounted ? "cpu,cpuacct" : "cpuacct")}{path}/cpuacct.usage", "5000000123\n");
        File($"memory{path}/memory.usage_in_bytes", "104857600\n");
        File($"pids{path}/pids.current", "17\n");
        File($"blkio{path}/blkio.bfq.io_service_bytes_recursive", "Total 0\n");
        File($"blkio{path}/blkio.throttle.io_service_bytes", "8:0 Read 7\n8:0 Write 7\n8:0 Total 14\nTotal 14\n");
        File($"blkio{path}/blkio.throttle.io_service_bytes_recursive", "8:0 Read 4097\n8:0 Write 8194\n8:0 Sync 12291\n8:0 Async 0\n8:0 Discard 0\n8:0 Total 12291\nTotal 12291\n");
    }

    public void MountsV1(bool coMounted)
    {
        if (coMounted)
        {
            Mount("cpu,cpuacct", "/", "cgroup", "rw,cpu,cpuacct");
        }
        else
        {
            Mount("cpu", "/", "cgroup", "rw,cpu");
            Mount("cpuacct", "/", "cgroup", "rw,cpuacct");
        }

        Mount("memory", "/", "cgroup", "rw,memory");
        Mount("pids", "/", "cgroup", "rw,pids");
        Mount("blkio", "/", "cgroup", "rw,blkio");
        Mount("systemd", "/", "cgroup", "rw,xattr,name=systemd");
    }

    public void Dispose() => _folder.Dispose();
}
