namespace CiMetrics.Receiver.Events;

/// <summary>What the text of a field may be, wherever it comes from.</summary>
internal static class FieldRule
{
    /// <summary>The longest name of a job, in characters.</summary>
    public const int LongestName = 1024;

    /// <summary>The longest project, in characters.</summary>
    public const int LongestProject = 255;

    /// <summary>The rule that a text breaks ("must ..."); null: none.</summary>
    public static string? BrokenBy(string value, int longest) =>
        value.Length > longest ? $"must have at most {longest} characters"
        : value.AsSpan().ContainsAnyInRange('\0', '\x1f') || value.Contains('\x7f', StringComparison.Ordinal) ? "must not contain control characters"
        : null;
}
