namespace CiMetrics.Testing;

/// <summary>Makes the kernel count what a container writes.</summary>
public static class BlockAccounting
{
    /// <summary>
    /// Options for <c>docker run</c> that set a limit far beyond any disk on every disk. On cgroup v1 a recent kernel
    /// counts a disk's bytes only once a throttle has been set on it.
    /// </summary>
    public static string[] DockerOptions { get; } =
    [
        .. Directory.EnumerateDirectories("/sys/block")
            .Where(disk => File.ReadAllText($"{disk}/size").Trim() != "0")
            .Select(disk => $"/dev/{Path.GetFileName(disk)}")
            .Where(disk => File.Exists(disk) && !disk.StartsWith("/dev/loop", StringComparison.Ordinal) && !disk.StartsWith("/dev/ram", StringComparison.Ordinal))
            .SelectMany(disk => (string[])["--device-write-bps", $"{disk}:100gb"]),
    ];
}
