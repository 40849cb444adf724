using System.Globalization;
using System.Text;
using CiMetrics.Hosting;

namespace CiMetrics.RunnerMetrics.Processes;

/// <summary>
/// What <c>/proc</c> says of processes, proc(5). A process can end between any two questions: null is the answer then,
/// and also where we may not ask.
/// </summary>
/// <param name="root">Where the proc file system is mounted.</param>
public sealed class ProcFolder(string root)
{
    private const int LargestFile = 128 << 10;

    private double? _bootTime;

    /// <summary>Where it is mounted.</summary>
    public string Root => root;

    /// <summary>The machine's start, in seconds since 1970; null where it is not said. Read once: the file is long and costs the kernel more than all others.</summary>
    public double? BootTime => _bootTime ??= Text(Path.Combine(root, "stat"), LargestFile) is { } text ? ProcessStat.BootTime(text) : null;

    /// <summary>The processes that there are.</summary>
    public IEnumerable<int> Pids()
    {
        foreach (string path in Directory.EnumerateDirectories(root))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) yield return pid;
        }
    }

    /// <summary>Name, parent, times and sizes.</summary>
    public ProcessStat? Stat(int pid) => Text(Of(pid, "stat"), 4096) is { } text ? ProcessStat.Parse(text) : null;

    /// <summary>
    /// The command line, a bounded beginning of it. It may hold tokens: to recognise a program by, never to show.
    /// </summary>
    public IReadOnlyList<string> CommandLine(int pid) =>
        Text(Of(pid, "cmdline"), 16 << 10) is { Length: > 0 } text ? text.TrimEnd('\0').Split('\0') : [];

    /// <summary>The control groups it is in, cgroups(7); null where it is gone.</summary>
    public string? Groups(int pid) => Text(Of(pid, "cgroup"), 16 << 10);

    /// <summary>The program's file; null where only its owner and root may know.</summary>
    public string? Executable(int pid)
    {
        try
        {
            // The kernel says so of a program that was replaced while it runs.
            return File.ResolveLinkTarget(Of(pid, "exe"), returnFinalTarget: false) is { } target
                ? target.FullName is [.. var replaced, ' ', '(', 'd', 'e', 'l', 'e', 't', 'e', 'd', ')'] ? replaced : target.FullName
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>One variable of the environment that the process was started with; null where only its owner may know.</summary>
    public string? Variable(int pid, string name)
    {
        if (Text(Of(pid, "environ"), LargestFile) is not { } text) return null;
        string start = name + "=";
        return text.Split('\0').FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..];
    }

    /// <summary>How many descriptors are open; null where only its owner and root may know.</summary>
    public long? OpenFiles(int pid)
    {
        try
        {
            return DirectoryCount.Of(Of(pid, "fd"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>How many may be open; infinite without a limit.</summary>
    public double? FileLimit(int pid) => Text(Of(pid, "limits"), 4096) is { } text ? ProcessStat.FileLimit(text) : null;

    /// <summary>
    /// The children of a process. The kernel keeps the list where it was built with it; else every process is asked for
    /// its parent.
    /// </summary>
    public IReadOnlyList<int> Children(int pid)
    {
        List<int> children = [];
        bool isListed = false;
        try
        {
            foreach (string task in Directory.EnumerateDirectories(Of(pid, "task")))
            {
                if (Text(Path.Combine(task, "children"), LargestFile) is not { } text) continue;
                isListed = true;
                foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int child)) children.Add(child);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return children;
        }
        return isListed ? children : [.. Pids().Where(other => Stat(other)?.Parent == pid)];
    }

    private string Of(int pid, string name) => Path.Combine(root, pid.ToString(CultureInfo.InvariantCulture), name);

    private static string? Text(string path, int largest)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] buffer = new byte[Math.Min(largest, 4096)];
            int length = 0;
            while (true)
            {
                int read = file.Read(buffer, length, buffer.Length - length);
                length += read;
                if (read == 0 || length == largest) return Encoding.UTF8.GetString(buffer, 0, length);
                if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(largest, 2 * buffer.Length));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
