using System.Text.Json;
using System.Text.RegularExpressions;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>The <c>filters</c> parameter: a JSON object of lists, or of objects with true values as old clients send it.</summary>
internal sealed class Filters
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Throws <see cref="BadRequestException"/> when the text is not such an object.</summary>
    public static Filters Parse(string? text)
    {
        var filters = new Filters();
        if (string.IsNullOrEmpty(text))
            return filters;
        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var filter in document.RootElement.EnumerateObject())
            {
                filters._values[filter.Name] = filter.Value.ValueKind == JsonValueKind.Array
                    ? [.. filter.Value.EnumerateArray().Select(value => value.GetString() ?? "")]
                    : [.. filter.Value.EnumerateObject().Where(value => value.Value.GetBoolean()).Select(value => value.Name)];
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BadRequestException("invalid filter: " + e.Message);
        }

        return filters;
    }

    public IReadOnlyList<string> Values(string key) => _values.GetValueOrDefault(key) ?? [];

    /// <summary>True when the filter is not set, or one of its values is this one.</summary>
    public bool Exactly(string key, string value) => Any(key, wanted => wanted == value);

    /// <summary>True when the filter is not set, or one of its values is how this one begins.</summary>
    public bool Begins(string key, params ReadOnlySpan<string> values)
    {
        if (Values(key).Count == 0)
            return true;
        foreach (string value in values)
        {
            if (Any(key, wanted => value.StartsWith(wanted, StringComparison.Ordinal)))
                return true;
        }

        return false;
    }

    /// <summary>True when the filter is not set, or one of its values matches as a regular expression; a bad one matches nothing.</summary>
    public bool Matches(string key, params ReadOnlySpan<string> values)
    {
        if (Values(key).Count == 0)
            return true;
        foreach (string value in values)
        {
            if (Any(key, pattern => pattern == value || IsMatch(value, pattern)))
                return true;
        }

        return false;
    }

    private bool Any(string key, Func<string, bool> condition)
    {
        var wanted = Values(key);
        return wanted.Count == 0 || wanted.Any(condition);
    }

    private static bool IsMatch(string value, string pattern)
    {
        try
        {
            // Non-backtracking: the engine's RE2 has no backtracking constructs either.
            return Regex.IsMatch(value, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}

/// <summary>A request that is answered with 400 and this message.</summary>
internal sealed class BadRequestException(string message) : Exception(message);
