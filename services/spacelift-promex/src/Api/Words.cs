using System.Text.RegularExpressions;

namespace CiMetrics.Spacelift.Api;

/// <summary>Makes texts from outside fit for logs and pages.</summary>
internal static partial class Words
{
    private const int Longest = 300;
    private const int LongestLabel = 256;

    /// <summary>One line of bounded length, in which none of the secrets is left.</summary>
    public static string Shown(string text, params ReadOnlySpan<string?> secrets)
    {
        foreach (string? secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret)) text = text.Replace(secret, "[secret]", StringComparison.Ordinal);
        }
        // The client's own messages name the proxy with its password.
        text = UserInfo().Replace(text, "://***@");
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= Longest ? line : line[..Longest] + "...";
    }

    /// <summary>A name as the value of a label: of bounded length.</summary>
    public static string Label(string name) => name.Length <= LongestLabel ? name : name[..LongestLabel] + "...";

    [GeneratedRegex("://[^/@]*@", RegexOptions.None, 1000)]
    private static partial Regex UserInfo();
}
