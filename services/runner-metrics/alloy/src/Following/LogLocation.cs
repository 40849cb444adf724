using System.Text;
using CiMetrics.RunnerMetrics.Processes;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>Where a runner's log is: a file, the journal's entries of a unit, or what a container writes.</summary>
/// <param name="File">The file; null: none.</param>
/// <param name="Unit">The unit; null: none.</param>
/// <param name="Container">The container, whose file has yet to be found; null: none.</param>
internal sealed record LogLocation(string? File, string? Unit, string? Container = null)
{
    private const string ContainerLogs = "/var/lib/docker/containers";

    /// <summary>
    /// Finds out where a running process writes its log: the file that its standard error is, its unit's journal, or its
    /// container's log. Null where that cannot be told: standard error is something else, or only root may know.
    /// </summary>
    public static LogLocation? Of(ProcFolder proc, int pid)
    {
        string root = Path.Combine(proc.Root, pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            string groups = System.IO.File.ReadAllText(Path.Combine(root, "cgroup"), Encoding.UTF8);
            // What is a file in a container is not the file of that name here.
            bool isHere = new FileInfo(Path.Combine(root, "ns", "mnt")).LinkTarget == new FileInfo(Path.Combine(proc.Root, "self", "ns", "mnt")).LinkTarget;
            if (!isHere && ContainerOf(groups) is { } container) return new LogLocation(null, null, container);
            string target = new FileInfo(Path.Combine(root, "fd", "2")).LinkTarget ?? "";
            if (target.StartsWith('/') && !target.StartsWith("/dev/", StringComparison.Ordinal) && !target.EndsWith(" (deleted)", StringComparison.Ordinal)) return new LogLocation(target, null);
            return target.StartsWith("socket:", StringComparison.Ordinal) && UnitOf(groups) is { } unit ? new LogLocation(null, unit) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The log of a container, by its id or name; null where there is no such container or no such log.</summary>
    /// <param name="container">The beginning of the id, or the name.</param>
    /// <param name="folder">Where the engine keeps its containers.</param>
    public static LogLocation? OfContainer(string container, string folder = ContainerLogs)
    {
        if (!Directory.Exists(folder)) return null;
        foreach (string path in Directory.EnumerateDirectories(folder))
        {
            string id = Path.GetFileName(path);
            bool isIt = (container.Length >= 12 && id.StartsWith(container, StringComparison.Ordinal)) || NameIs(Path.Combine(path, "config.v2.json"), container);
            if (isIt) return new LogLocation(Path.Combine(path, id + "-json.log"), null);
        }
        return null;
    }

    // The engine writes the name right after others of its own; a whole reader of that file is not needed for that.
    private static bool NameIs(string file, string name)
    {
        if (!System.IO.File.Exists(file) || new FileInfo(file).Length > 1 << 20) return false;
        return System.IO.File.ReadAllText(file).Contains($"\"Name\":\"/{name}\"", StringComparison.Ordinal);
    }

    internal static string? ContainerOf(string groups)
    {
        foreach (string part in groups.Split('\n', '/', '-', '.', ':'))
        {
            if (part.Length == 64 && part.All(char.IsAsciiHexDigitLower)) return part;
        }
        return null;
    }

    internal static string? UnitOf(string groups) =>
        groups.Split('\n').SelectMany(line => line.Split('/')).LastOrDefault(part => part.EndsWith(".service", StringComparison.Ordinal) && !part.StartsWith("user@", StringComparison.Ordinal));
}
