using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Steps;

/// <summary>
/// What the lines of one step say of caches. The cache action and its toolkit both tell of one restore: it counts once.
/// Only what stands under the heading of an action counts, because a script can print whatever it likes.
/// </summary>
internal sealed class StepLines
{
    private readonly BuildLines _builds = new();
    private bool _isAction;
    private bool _isDone;
    private string? _key;
    private string _type = CacheTypes.Other;
    private bool _isInPath;

    /// <summary>How many restores the step has told of so far, in all its files.</summary>
    public int Count { get; private set; }

    /// <summary>Reads a line without its time; gives what it says, or null.</summary>
    public (string Type, CacheResult Result)? Read(string line)
    {
        (string Type, CacheResult Result)? said = Look(line);
        if (said is not null) Count++;
        return said;
    }

    private (string Type, CacheResult Result)? Look(string line)
    {
        if (line.StartsWith("##[group]Run ", StringComparison.Ordinal))
        {
            string what = line["##[group]Run ".Length..];
            int at = what.IndexOf('@', StringComparison.Ordinal);
            _isAction = at > 0 && what.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && slash < at && !what.Contains(' ', StringComparison.Ordinal);
            (_isDone, _key, _type, _isInPath) = (false, null, CacheTypes.Other, false);
            return null;
        }
        if (_builds.Read(line) is { } layer) return (CacheTypes.BuildKit, layer);
        if (!_isAction || _isDone || ReadInput(line)) return null;
        if (Found(line) is not { } result) return null;
        _isDone = true;
        return (_type, result);
    }

    // The heading repeats the step's inputs, each indented by two blanks.
    private bool ReadInput(string line)
    {
        if (_isInPath && !line.StartsWith("  ", StringComparison.Ordinal)) _isInPath = false;
        if (line.StartsWith("  key: ", StringComparison.Ordinal))
        {
            _key = line["  key: ".Length..].Trim();
            if (_type == CacheTypes.Other) _type = CacheTypes.OfPath(_key);
        }
        else if (line.StartsWith("  path: ", StringComparison.Ordinal)) (_type, _isInPath) = (CacheTypes.OfPath(line), true);
        else if (line.StartsWith("  cache: ", StringComparison.Ordinal)) _type = CacheTypes.OfManager(line["  cache: ".Length..].Trim());
        else if (_isInPath && _type == CacheTypes.Other) _type = CacheTypes.OfPath(line);
        else return line.StartsWith("  ", StringComparison.Ordinal);
        return true;
    }

    private CacheResult? Found(string line)
    {
        if (line.StartsWith("Cache not found for input keys: ", StringComparison.Ordinal)) return CacheResult.Miss;
        if (line.EndsWith(" cache is not found", StringComparison.Ordinal))
        {
            if (_type == CacheTypes.Other) _type = CacheTypes.OfManager(line[..^" cache is not found".Length]);
            return CacheResult.Miss;
        }
        if (After(line, "Cache hit for restore-key: ") is not null) return CacheResult.Partial;
        if (After(line, "Cache hit for: ") is not null) return CacheResult.Hit;
        return (After(line, "Cache restored from key: ") ?? After(line, "Cache found and can be restored from key: ")) is not { } key ? null
            // The set-up actions show no key, and have none to fall back on.
            : _key is null || string.Equals(key, _key, StringComparison.OrdinalIgnoreCase) ? CacheResult.Hit
            : CacheResult.Partial;
    }

    private static string? After(string line, string beginning) => line.StartsWith(beginning, StringComparison.Ordinal) ? line[beginning.Length..].Trim() : null;
}
