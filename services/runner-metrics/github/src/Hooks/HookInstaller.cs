using System.Text;
using CiMetrics.Durable;
using CiMetrics.Hosting;

namespace CiMetrics.GitHubRunner.Hooks;

/// <summary>Writes the hooks of a runner and the lines of its <c>.env</c> that name them, or removes both.</summary>
internal static class HookInstaller
{
    private const int LargestFile = 1 << 20;

    private const UnixFileMode Script =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // As of /tmp: the runner, the exporter and who installs may be three users.
    private const UnixFileMode Shared =
        UnixFileMode.StickyBit | Script | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Installs; a second time changes nothing.</summary>
    /// <exception cref="ServiceFailedException">There is no runner, it has other hooks, or it may not be written there.</exception>
    public static void Install(string runner) => Change(runner, full =>
    {
        List<string> lines = Lines(full);
        foreach ((string name, string variable) in HookScripts.All)
        {
            string path = HookScripts.PathOf(full, name);
            string? other = lines.FirstOrDefault(line => line.StartsWith(variable + "=", StringComparison.Ordinal) && line != $"{variable}={path}");
            if (other is not null) throw new ServiceFailedException($"the runner has a hook of its own: {other} in its .env; have that script call {path}, or remove the line");
        }
        Folders.Create(Path.Combine(full, HookScripts.Folder), Script);
        string spool = HookScripts.SpoolOf(full);
        Folders.Create(spool, Script);
        // Not through the call that creates it: there the umask takes bits away.
        File.SetUnixFileMode(spool, Shared);
        foreach ((string name, _) in HookScripts.All)
            AtomicFile.Write(HookScripts.PathOf(full, name), Encoding.UTF8.GetBytes(HookScripts.Text(name, spool)), Script);
        Add(full, HookScripts.All.Select(hook => LineOf(full, hook)).Except(lines, StringComparer.Ordinal));
    });

    /// <summary>Removes what installing wrote; nothing else.</summary>
    /// <exception cref="ServiceFailedException">There is no runner, or it may not be written there.</exception>
    public static void Remove(string runner) => Change(runner, full =>
    {
        List<string> lines = Lines(full);
        int removed = lines.RemoveAll(line => HookScripts.All.Any(hook => line == LineOf(full, hook)));
        // The lines first: a hook that is named and not there fails every job.
        if (removed > 0 && lines.Count > 0) Shorten(full, string.Concat(lines.Select(line => line + "\n")));
        else if (removed > 0) File.Delete(EnvironmentOf(full));
        string folder = Path.Combine(full, HookScripts.Folder);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    });

    private static void Change(string runner, Action<string> change)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(runner));
        if (!File.Exists(Path.Combine(full, "config.sh")) && !File.Exists(Path.Combine(full, ".runner")))
            throw new ServiceFailedException($"there is no runner in {full}: neither config.sh nor .runner is there");
        try
        {
            change(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"the hooks of the runner in {full} cannot be changed: {exception.Message}", exception);
        }
    }

    private static string EnvironmentOf(string runner) => Path.Combine(runner, ".env");

    private static string LineOf(string runner, (string Event, string Variable) hook) => $"{hook.Variable}={HookScripts.PathOf(runner, hook.Event)}";

    // Without the ends of lines, but for what other systems have before them.
    private static List<string> Lines(string runner)
    {
        string path = EnvironmentOf(runner);
        if (!File.Exists(path)) return [];
        if (new FileInfo(path).Length > LargestFile) throw new IOException($"{path} is larger than 1 MiB");
        List<string> lines = [.. File.ReadAllText(path).Split('\n')];
        if (lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    // Its file stays the one that it was, with its owner: a runner that may not read it any more would not start.
    private static void Add(string runner, IEnumerable<string> lines)
    {
        byte[] added = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        if (added.Length == 0) return;
        string path = EnvironmentOf(runner);
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, added, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            return;
        }
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        long before = file.Length;
        try
        {
            if (before > 0) file.Position = before - 1;
            bool isEnded = before == 0 || file.ReadByte() == '\n';
            file.Write(isEnded ? added : [(byte)'\n', .. added]);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // The disk is full: half a line would be a hook that is not there.
            file.SetLength(before);
            throw;
        }
    }

    // In its place, for the same reason; what is shorter needs no room.
    private static void Shorten(string runner, string text)
    {
        byte[] rest = Encoding.UTF8.GetBytes(text);
        using FileStream file = new(EnvironmentOf(runner), FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write(rest);
        file.SetLength(rest.Length);
        file.Flush(flushToDisk: true);
    }
}
