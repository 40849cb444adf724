using CiMetrics.Docker;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>Where the figures of builds can come from.</summary>
internal enum FigureSource
{
    /// <summary>The kernel's cgroup files.</summary>
    Cgroup,

    /// <summary>The engine's statistics call.</summary>
    Api,

    /// <summary>Nowhere: the engine's socket is closed to this user.</summary>
    None,
}

/// <summary>
/// What can be expected of the figures, seen at start before there is any build. Each build is looked at by itself when
/// it is found (<see cref="SamplerFactory"/>), which decides.
/// </summary>
/// <param name="Figures">Where they will come from.</param>
/// <param name="Cgroup">The host's cgroup version: <c>v1</c>, <c>v2</c>, <c>hybrid</c> or <c>none</c>.</param>
/// <param name="FinalSample">Whether builds are sampled at the moment of their end.</param>
/// <param name="Reason">Why, in one line.</param>
internal sealed record HostView(FigureSource Figures, string Cgroup, bool FinalSample, string Reason)
{
    /// <summary>Looks; it waits for nothing.</summary>
    public static HostView Look(DockerEndpoint endpoint, HostPaths paths)
    {
        if (endpoint.SocketPath is not { } socket)
            return new(FigureSource.Api, "none", FinalSample: false, $"the engine is reached at {endpoint.Display}, its processes and cgroups are taken to be another host's");
        int? engine = EnginePeer.Pid(socket, out bool isRefused);
        if (isRefused) return new(FigureSource.None, "none", FinalSample: false, $"no permission on {socket}: the user is neither root nor in the socket's group (docker)");

        if (Read(paths.Proc, "self/mountinfo") is not { } mountinfo) return Api("none", $"{paths.Proc} is no procfs that can be read");
        List<CgroupMount> mounts = MountTable.Cgroups(mountinfo, paths.Cgroup);
        string version = Version(mounts);
        if (mounts.Count == 0) return Api(version, $"no cgroup is mounted below {paths.Cgroup}");
        if (Read(paths.Proc, "1/cgroup") is not { } init) return Api(version, $"the processes of others are hidden in {paths.Proc} (hidepid)");
        bool isOwnProc = paths.Proc == new HostPaths().Proc;
        if (engine == 0 && isOwnProc) return Api(version, $"the engine runs in another PID namespace than {paths.Proc} shows (in a container: --pid=host)");
        if (!SeesAll(mounts, init)) return Api(version, $"below {paths.Cgroup} is only a part of the host's cgroups (in a container: mount the host's and set -path.cgroupfs)");

        string unsure = engine is null ? "; the engine was not there to be asked where it runs" : "";
        if (engine == 0) return new(FigureSource.Cgroup, version, FinalSample: false, $"cgroups and processes of the host are visible; processes of another PID namespace cannot be waited for{unsure}");
        using SafeFileHandle? self = ProcessHandle.Open(Environment.ProcessId);
        return self is null
            ? new(FigureSource.Cgroup, version, FinalSample: false, $"cgroups and processes of the host are visible; the kernel or its rules do not allow pidfd_open (Linux 5.3){unsure}")
            : new(FigureSource.Cgroup, version, FinalSample: true, $"cgroups and processes of the host are visible{unsure}");
    }

    private static HostView Api(string version, string reason) => new(FigureSource.Api, version, FinalSample: false, reason);

    private static string Version(List<CgroupMount> mounts)
    {
        bool v1 = mounts.Exists(mount => mount.Controllers.Contains("cpuacct", StringComparer.Ordinal));
        bool v2 = mounts.Exists(mount => mount.IsV2);
        return (v1, v2) switch { (true, true) => "hybrid", (true, false) => "v1", (false, true) => "v2", _ => "none" };
    }

    /// <summary>Whether the first process's cgroup for CPU time lies below a mount, which it does not where only a part is mounted.</summary>
    private static bool SeesAll(List<CgroupMount> mounts, string cgroupsOfInit)
    {
        List<(string[] Controllers, string Path)> lines = CgroupLocator.Lines(cgroupsOfInit);
        string? v1 = lines.Find(line => line.Controllers.Contains("cpuacct", StringComparer.Ordinal)).Path;
        string? text = v1 ?? lines.Find(line => line.Controllers.Length == 0).Path;
        return text is not null && CgroupPath.TryParse(text) is { } path && mounts.Exists(mount =>
            (v1 is null ? mount.IsV2 : mount.Controllers.Contains("cpuacct", StringComparer.Ordinal))
            && CgroupPath.TryParse(mount.Root) is { } root
            && path.Below(root) is not null);
    }

    private static string? Read(string proc, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(proc, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
