using System.Globalization;
using System.Text.RegularExpressions;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Steps;

/// <summary>
/// BuildKit's plain progress: <c>#7 [build 2/5] RUN make</c>, then <c>#7 CACHED</c> or <c>#7 DONE 1.2s</c>. Steps of a
/// Dockerfile count, each once; what BuildKit does for itself, and the base image, do not.
/// </summary>
internal sealed partial class BuildLines
{
    private const int MostOpen = 1000;

    private readonly HashSet<int> _open = [];

    /// <summary>Reads a line; gives what became of a step, or null.</summary>
    public CacheResult? Read(string line)
    {
        if (line.Length < 4 || line[0] != '#') return null;
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 2 || !int.TryParse(line.AsSpan(1, blank - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return null;
        string text = line[(blank + 1)..];
        // Another build begins to number anew.
        if (text.StartsWith("building with ", StringComparison.Ordinal)) _open.Clear();
        else if (text == "CACHED") return _open.Remove(number) ? CacheResult.Hit : null;
        else if (text.StartsWith("DONE ", StringComparison.Ordinal)) return _open.Remove(number) ? CacheResult.Miss : null;
        else if (_open.Count < MostOpen && Step().IsMatch(text)) _open.Add(number);
        return null;
    }

    [GeneratedRegex(@"^\[(?:[^\]\[ ]+ )*[0-9]+/[0-9]+\] (?!FROM )", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Step();
}
