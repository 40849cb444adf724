using CiMetrics.RunnerExporter.Docker;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>The sampler of a container, and in one line why it is of that kind.</summary>
internal sealed record SamplerChoice(ISampler Sampler, string Reason);

/// <summary>Chooses per container: cgroup files where they can be read and are certainly the container's, else the engine's API.</summary>
internal sealed class SamplerFactory(DockerClient client, HostPaths paths, TimeProvider time) : IDisposable
{
    /// <summary>How many statistics calls run at a time: without one-shot each waits up to two seconds in the engine.</summary>
    public const int ConcurrentStatsCalls = 32;

    private readonly CgroupLocator _locator = new(paths);
    private readonly SemaphoreSlim _gate = new(ConcurrentStatsCalls);

    /// <summary>The sampler for a container as it was inspected. The caller disposes it.</summary>
    public SamplerChoice Create(DockerContainer container)
    {
        string id = container.Id ?? "";
        (CgroupSampler? sampler, string reason) = OverFiles(container, id);
        return sampler is not null
            ? new(sampler, reason)
            : new(new StatsSampler(client, id, container.HostConfig?.NetworkMode, _gate, time), $"statistics API: {reason}");
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private (CgroupSampler? Sampler, string Reason) OverFiles(DockerContainer container, string id)
    {
        if (container.State?.Pid is not { } pid || pid <= 0 || id.Length == 0) return (null, "the container has no process");
        (CgroupLocation? location, string reason) = _locator.Locate(pid, id);
        if (location is null) return (null, reason);
        (CgroupHandles? handles, reason) = CgroupHandles.Open(location, paths, pid, container.HostConfig?.NetworkMode);
        if (handles is null) return (null, reason);
        // /proc/PID/net/dev was opened by number: the number must not have changed hands meanwhile.
        if (_locator.StillOwns(pid, id)) return (new CgroupSampler(handles, time), $"cgroup files in {location.Cpu!.Path}");
        handles.Dispose();
        return (null, $"process {pid} ended");
    }
}
