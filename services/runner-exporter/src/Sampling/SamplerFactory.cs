using CiMetrics.Docker;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>The sampler of a container, and in one line why it is of that kind.</summary>
/// <param name="Sampler">Disposed by the receiver.</param>
/// <param name="Reason">For the log.</param>
/// <param name="Process">
/// The container's first process, to learn of its end while its figures can still be read; null where it cannot be
/// watched. Disposed by the receiver.
/// </param>
internal sealed record SamplerChoice(ISampler Sampler, string Reason, SafeFileHandle? Process = null);

/// <summary>Chooses per container: cgroup files where they can be read and are certainly the container's, else the engine's API.</summary>
internal sealed class SamplerFactory(DockerClient client, HostPaths paths, TimeProvider time) : IDisposable
{
    /// <summary>How many statistics calls run at a time: without one-shot each waits up to two seconds in the engine.</summary>
    public const int ConcurrentStatsCalls = 32;

    private readonly CgroupLocator _locator = new(paths);
    private readonly CgroupLocator _ownNamespace = new(new HostPaths());
    private readonly long _origin = time.GetTimestamp();
    private readonly SemaphoreSlim _gate = new(ConcurrentStatsCalls);

    /// <summary>The sampler for a container that was inspected. The caller disposes it.</summary>
    /// <param name="id">The container's full id.</param>
    /// <param name="pid">Its first process in the engine's PID namespace; 0 when there is none.</param>
    /// <param name="networkMode">The engine's network mode: it says whose traffic the interfaces show.</param>
    public SamplerChoice Create(string id, int pid, string? networkMode)
    {
        (SamplerChoice? choice, string reason) = OverFiles(id, pid, networkMode);
        return choice ?? new(new StatsSampler(client, id, networkMode, _gate, time), $"statistics API: {reason}");
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private (SamplerChoice? Choice, string Reason) OverFiles(string id, int pid, string? networkMode)
    {
        if (pid <= 0 || id.Length == 0) return (null, "the container has no process");
        (CgroupLocation? location, string reason) = _locator.Locate(pid, id);
        if (location is null) return (null, reason);
        (CgroupHandles? handles, reason) = CgroupHandles.Open(location, paths, pid, networkMode);
        if (handles is null) return (null, reason);
        // pidfd_open counts in our own PID namespace, where the number may be another process's.
        SafeFileHandle? process = _ownNamespace.StillOwns(pid, id) ? ProcessHandle.Open(pid) : null;
        // The process and /proc/PID/net/dev were opened by number: the number must not have changed hands meanwhile.
        if (_locator.StillOwns(pid, id)) return (new(new CgroupSampler(handles, time, _origin), $"cgroup files in {location.Cpu!.Path}", process), "");
        handles.Dispose();
        process?.Dispose();
        return (null, $"process {pid} ended");
    }
}
