using System.Globalization;
using System.Text;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Diag;

/// <summary>
/// Reads the job message of a worker's log, indented JSON, line by line: it can be large, and what the runner has masked
/// in it need not be JSON any more. Only the values that are asked for are kept, and no other is looked at.
/// </summary>
internal sealed class JobMessage
{
    private const int LongestValue = 512;

    // Where each value stands: names of objects and, of the runner's own dictionaries, of their keys ("k" before "v").
    private static readonly Dictionary<string, Action<JobMessage, string>> Wanted = new(StringComparer.Ordinal)
    {
        ["jobId"] = (message, value) => message.Job = Guid.TryParse(value, out Guid id) ? id : null,
        ["jobDisplayName"] = (message, value) => message._identity = message._identity with { Name = value },
        ["actionsEnvironment/name"] = (message, value) => message._identity = message._identity with { Environment = value },
        ["contextData/github/run_id"] = (message, value) => message._identity = message._identity with { RunId = Number(value) ?? 0 },
        ["contextData/github/run_attempt"] = (message, value) => message._identity = message._identity with { Attempt = (int)Math.Clamp(Number(value) ?? 1, 1, 1000) },
        ["contextData/github/repository"] = (message, value) => message._identity = message._identity with { Repository = value },
        ["contextData/github/workflow"] = (message, value) => message._identity = message._identity with { Workflow = value },
        ["contextData/github/event/head_commit/timestamp"] = (message, value) => message._identity = message._identity with { Committed = Time(value) },
        ["contextData/job/check_run_id"] = (message, value) => message._identity = message._identity with { CheckRunId = Number(value) },
    };

    private readonly List<(int Indent, string Name)> _path = [];
    private JobIdentity _identity = new();

    /// <summary>The job; null before the message has said.</summary>
    public Guid? Job { get; private set; }

    /// <summary>Which job of which run it is; null where the message does not say.</summary>
    public JobIdentity? Identity => _identity.RunId > 0 ? _identity : null;

    /// <summary>Takes a line of the message.</summary>
    public void Feed(ReadOnlySpan<byte> line)
    {
        int indent = line.IndexOfAnyExcept((byte)' ');
        if (indent < 0 || line[indent] != (byte)'"') return;
        ReadOnlySpan<byte> rest = line[(indent + 1)..];
        int end = rest.IndexOf("\": "u8);
        if (end < 0 || end > 64) return;
        ReadOnlySpan<byte> name = rest[..end], value = rest[(end + 3)..];
        while (_path.Count > 0 && (_path[^1].Indent > indent || (_path[^1].Indent == indent && !name.SequenceEqual("v"u8)))) _path.RemoveAt(_path.Count - 1);
        if (name.SequenceEqual("k"u8))
        {
            if (Text(value) is { } key) _path.Add((indent, key));
        }
        else if (value is [(byte)'{' or (byte)'[', ..])
        {
            if (!name.SequenceEqual("v"u8) && !name.SequenceEqual("d"u8)) _path.Add((indent, Encoding.UTF8.GetString(name)));
        }
        else Take(name, value);
    }

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // No value that is wanted lies deeper.
        if (_path.Count > 5) return;
        string path = string.Join('/', _path.Select(part => part.Name));
        if (!name.SequenceEqual("v"u8)) path = path.Length == 0 ? Encoding.UTF8.GetString(name) : $"{path}/{Encoding.UTF8.GetString(name)}";
        if (Wanted.TryGetValue(path, out Action<JobMessage, string>? take) && Text(value) is { } text) take(this, text);
    }

    private static string? Text(ReadOnlySpan<byte> value)
    {
        if (value is [.. var before, (byte)',']) value = before;
        if (value.Length > LongestValue || value.SequenceEqual("null"u8)) return null;
        if (value is not [(byte)'"', .. var inner, (byte)'"']) return Encoding.UTF8.GetString(value);
        string text = Encoding.UTF8.GetString(inner);
        return text.Contains('\\', StringComparison.Ordinal) ? Unescaped(text) : text;
    }

    private static string Unescaped(string text)
    {
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || ++i == text.Length) plain.Append(text[i < text.Length ? i : ^1]);
            else if (text[i] == 'u' && i + 4 < text.Length && ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
            {
                plain.Append((char)code);
                i += 4;
            }
            else plain.Append(text[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', char other => other });
        }
        return plain.ToString();
    }

    // Numbers of the runner's dictionaries are written with a fraction.
    private static long? Number(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) && number is > 0 and < long.MaxValue ? (long)number : null;

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;
}
