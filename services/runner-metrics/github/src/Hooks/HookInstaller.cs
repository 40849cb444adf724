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
        foreach ((string name, string variable) in HookScripts.All)
        {
            string path = HookScripts.PathOf(full, name);
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(HookScripts.Text(name, spool)), Script);
            string line = $"{variable}={path}";
            if (!lines.Contains(line, StringComparer.Ordinal)) lines.Add(line);
        }
        Write(full, lines);
    });

    /// <summary>Removes what installing wrote; nothing else.</summary>
    /// <exception cref="ServiceFailedException">There is no runner, or it may not be written there.</exception>
    public static void Remove(string runner) => Change(runner, full =>
    {
        List<string> lines = Lines(full);
        int removed = lines.RemoveAll(line => HookScripts.All.Any(hook => line == $"{hook.Variable}={HookScripts.PathOf(full, hook.Event)}"));
        // The lines first: a hook that is named and not there fails every job.
        if (removed > 0 && lines.Count > 0) Write(full, lines);
        else if (removed > 0) File.Delete(Path.Combine(full, ".env"));
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

    private static List<string> Lines(string runner)
    {
        string path = Path.Combine(runner, ".env");
        if (!File.Exists(path)) return [];
        if (new FileInfo(path).Length > LargestFile) throw new IOException($"{path} is larger than 1 MiB");
        return [.. File.ReadAllLines(path)];
    }

    private static void Write(string runner, List<string> lines)
    {
        string path = Path.Combine(runner, ".env");
        UnixFileMode mode = File.Exists(path) ? File.GetUnixFileMode(path) : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))), mode);
    }
}
