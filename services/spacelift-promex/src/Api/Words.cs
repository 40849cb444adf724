namespace CiMetrics.Spacelift.Api;

/// <summary>Makes texts from outside fit for logs and pages.</summary>
internal static class Words
{
    private const int Longest = 300;

    /// <summary>One line of bounded length, in which none of the secrets is left.</summary>
    public static string Shown(string text, params ReadOnlySpan<string?> secrets)
    {
        foreach (string? secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret)) text = text.Replace(secret, "[secret]", StringComparison.Ordinal);
        }
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= Longest ? line : line[..Longest] + "...";
    }
}
