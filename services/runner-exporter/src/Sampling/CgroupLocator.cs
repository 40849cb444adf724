using System.Globalization;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>The folder of one controller's files for one container.</summary>
internal sealed record CgroupFolder(string Path, bool IsV2);

/// <summary>Where a container's files are. A controller that the kernel does not account for it is null.</summary>
internal sealed record CgroupLocation(CgroupFolder? Cpu, CgroupFolder? Memory, CgroupFolder? Pids, CgroupFolder? Block, CgroupFolder? Quota)
{
    /// <summary>On v2 only; every cgroup has it, whatever its controllers.</summary>
    public CgroupFolder? Pressure { get; init; }
}

/// <summary>
/// Finds a container's cgroup through its process. On a hybrid host each controller is on v1 or v2 for itself. The
/// process is believed only if its cgroup carries the container's id: its PID may be one of another PID namespace, of
/// another host, or may have been given to another process.
/// </summary>
internal sealed class CgroupLocator(HostPaths paths)
{
    private const int DeepestSearch = 6;

    /// <summary>The location, or one line saying why there is none.</summary>
    public (CgroupLocation? Location, string Reason) Locate(int pid, string containerId)
    {
        string ofProcess, mountinfo;
        try
        {
            ofProcess = File.ReadAllText(CgroupFileOf(pid));
            mountinfo = File.ReadAllText(Path.Combine(paths.Proc, "self", "mountinfo"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, $"process {pid} cannot be seen in {paths.Proc}");
        }

        List<(string[] Controllers, string Path)> lines = Lines(ofProcess);
        if (!lines.Exists(line => CgroupPath.TryParse(line.Path)?.OfContainer(containerId) is not null))
            return (null, $"process {pid} in {paths.Proc} is not the container's: another PID namespace or host");

        Search search = new(lines, MountTable.Cgroups(mountinfo, paths.Cgroup), containerId);
        CgroupLocation location = new(search.Folder("cpuacct"), search.Folder("memory"), search.Folder("pids"), search.Folder("blkio"), search.Folder("cpu"))
        {
            Pressure = search.Folder(controller: null),
        };
        return location.Cpu is null
            ? (null, $"the container's cgroup is not visible below {paths.Cgroup}")
            : (location, "");
    }

    /// <summary>True while the process still belongs to the container: asked again after its files were opened.</summary>
    public bool StillOwns(int pid, string containerId)
    {
        try
        {
            return File.ReadAllText(CgroupFileOf(pid)).Contains(containerId, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string CgroupFileOf(int pid) => string.Create(CultureInfo.InvariantCulture, $"{paths.Proc}/{pid}/cgroup");

    /// <summary>Lines <c>4:cpu,cpuacct:/path</c> of v1 and <c>0::/path</c> of v2; a path may hold colons.</summary>
    internal static List<(string[] Controllers, string Path)> Lines(string text)
    {
        List<(string[], string)> lines = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3) lines.Add((parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries), parts[2]));
        }

        return lines;
    }

    private sealed class Search(List<(string[] Controllers, string Path)> lines, List<CgroupMount> mounts, string id)
    {
        /// <summary>On v1 if the controller is attached to a hierarchy of its own, else on v2; without a controller on v2.</summary>
        public CgroupFolder? Folder(string? controller)
        {
            int v1 = lines.FindIndex(line => controller is not null && line.Controllers.Contains(controller, StringComparer.Ordinal));
            int at = v1 >= 0 ? v1 : lines.FindIndex(line => line.Controllers.Length == 0);
            if (at < 0 || CgroupPath.TryParse(lines[at].Path)?.OfContainer(id) is not { } path) return null;
            foreach (CgroupMount mount in mounts)
            {
                bool right = v1 >= 0 ? mount.Controllers.Contains(controller!, StringComparer.Ordinal) : mount.IsV2;
                if (right && Below(mount, path) is { } folder) return new(folder, mount.IsV2);
            }

            return null;
        }

        private static string? Below(CgroupMount mount, CgroupPath path)
        {
            if (CgroupPath.TryParse(mount.Root) is not { } root || path.Below(root) is not var (unknown, names)) return null;
            string tail = string.Join('/', names);
            return unknown > DeepestSearch ? null : Probe(mount.Point, unknown, tail);
        }

        /// <summary>Tries every folder at the unknown levels. The id in the tail makes a hit certain.</summary>
        private static string? Probe(string folder, int unknown, string tail)
        {
            if (unknown == 0)
            {
                string candidate = Path.Combine(folder, tail);
                return Directory.Exists(candidate) ? candidate : null;
            }

            try
            {
                return Directory.EnumerateDirectories(folder).Select(inner => Probe(inner, unknown - 1, tail)).FirstOrDefault(found => found is not null);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null; // A cgroup that vanished or is closed to us cannot be the way.
            }
        }
    }
}
