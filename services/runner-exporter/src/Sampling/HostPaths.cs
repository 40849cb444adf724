namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>Where the host's kernel file systems are mounted; elsewhere than usual when this program runs in a container.</summary>
/// <param name="Proc">The host's <c>/proc</c>: PIDs in it are the engine's.</param>
/// <param name="Cgroup">The folder holding the host's cgroup mounts.</param>
internal sealed record HostPaths(string Proc = "/proc", string Cgroup = "/sys/fs/cgroup");
