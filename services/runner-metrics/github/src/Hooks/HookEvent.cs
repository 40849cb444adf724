using System.Globalization;
using System.Text.RegularExpressions;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Hooks;

/// <summary>The file that a hook writes: a name and a value on each line.</summary>
internal static partial class HookEvent
{
    /// <summary>The most bytes that one has.</summary>
    public const int Largest = 4096;

    /// <summary>Reads one; null where it is no event.</summary>
    public static Fact.Hook? Read(string runner, string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) values.TryAdd(line[..equals], line[(equals + 1)..]);
        }
        string? kind = values.GetValueOrDefault("event");
        if (kind is not ("started" or "completed")) return null;
        // Some locales have a comma.
        if (!double.TryParse(values.GetValueOrDefault("time")?.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)) return null;
        if (seconds is < 0 or > 1e11) return null;
        _ = long.TryParse(values.GetValueOrDefault("run_id"), NumberStyles.None, CultureInfo.InvariantCulture, out long run);
        _ = int.TryParse(values.GetValueOrDefault("run_attempt"), NumberStyles.None, CultureInfo.InvariantCulture, out int attempt);
        return new Fact.Hook(runner, kind == "started", run, attempt, DateTimeOffset.UnixEpoch.AddSeconds(seconds))
        {
            Repository = values.GetValueOrDefault("repository") is { } repository && Repository().IsMatch(repository) ? repository : "",
            ApiUrl = values.GetValueOrDefault("api_url") is { Length: > 0 and <= 255 } api ? api : null,
        };
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}\z", RegexOptions.None, 1000)]
    private static partial Regex Repository();
}
