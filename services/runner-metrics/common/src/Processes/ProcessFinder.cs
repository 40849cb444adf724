using System.Globalization;
using CiMetrics.Hosting;

namespace CiMetrics.RunnerMetrics.Processes;

/// <summary>Finds the observed process: by the file that holds its number, or by the name of its executable.</summary>
public sealed class ProcessFinder
{
    private readonly ProcFolder _proc;
    private readonly string? _pidFile;
    private readonly string[] _names;
    private readonly Func<IReadOnlyList<string>, bool> _isIt;

    /// <summary>Makes a finder.</summary>
    /// <param name="proc">Where to look.</param>
    /// <param name="pidFile">The file; null: by the names.</param>
    /// <param name="names">Base names of executables, the first one found counts.</param>
    /// <param name="isIt">
    /// Tells the observed process from others of the same executable by its command line, which is seen here and nowhere
    /// else; default: any.
    /// </param>
    public ProcessFinder(ProcFolder proc, string? pidFile, IEnumerable<string> names, Func<IReadOnlyList<string>, bool>? isIt = null)
    {
        _proc = proc;
        _pidFile = pidFile;
        _names = [.. names];
        _isIt = isIt ?? (_ => true);
    }

    /// <summary>Why the last search found nothing, in words for people; null when it found something.</summary>
    public string? Problem { get; private set; }

    /// <summary>The process; null where there is none, see <see cref="Problem"/>.</summary>
    public int? Find()
    {
        Problem = null;
        return _pidFile is null ? ByName() : ByFile(_pidFile);
    }

    private int? ByFile(string file)
    {
        try
        {
            using StreamReader reader = new(file);
            char[] text = new char[32];
            int length = reader.ReadBlock(text);
            if (!int.TryParse(text.AsSpan(0, length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid <= 0)
                return Nothing($"{file} holds no process id");
            return _proc.Stat(pid) is { State: not ('Z' or 'X') } ? pid : Nothing($"the process of {file} does not run");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Nothing($"{file} cannot be read: {exception.Message}");
        }
    }

    private int? ByName()
    {
        List<(int Pid, double Start)> found = [];
        foreach (int pid in _proc.Pids())
        {
            if (_proc.Stat(pid) is not { State: not ('Z' or 'X') } stat || !_names.Any(wanted => MayBe(stat.Name, wanted))) continue;
            IReadOnlyList<string> commandLine = _proc.CommandLine(pid);
            if (_names.Any(wanted => Is(pid, stat.Name, commandLine, wanted)) && _isIt(commandLine)) found.Add((pid, stat.StartSeconds));
        }
        // The oldest: what it starts comes after it.
        return found.Count > 0 ? found.MinBy(process => process.Start).Pid : Nothing($"no process of {string.Join(", ", _names)} runs");
    }

    private static bool MayBe(string name, string wanted) => name == wanted || IsCut(name, wanted);

    // The kernel keeps 15 bytes of the name.
    private static bool IsCut(string name, string wanted) => name.Length == 15 && wanted.StartsWith(name, StringComparison.Ordinal);

    private bool Is(int pid, string name, IReadOnlyList<string> commandLine, string wanted) =>
        name == wanted
        || (_proc.Executable(pid) is { } path ? Path.GetFileName(path) == wanted : commandLine is [var first, ..] && Path.GetFileName(first) == wanted);

    private int? Nothing(string problem)
    {
        Problem = problem;
        return null;
    }
}
