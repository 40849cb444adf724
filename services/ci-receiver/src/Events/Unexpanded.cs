using System.Text.RegularExpressions;

namespace CiMetrics.Receiver.Events;

/// <summary>
/// Recognises the name of a CI variable where its value should be: <c>CI_JOB_STATUS</c> (as in an <c>echo</c> that lacks
/// the <c>$</c>), <c>$CI_JOB_STATUS</c>, <c>${CI_JOB_STATUS}</c>.
/// </summary>
internal static partial class Unexpanded
{
    /// <summary>The variable's name; null where the text is a value.</summary>
    public static string? VariableIn(string text) => Pattern().Match(text) is { Success: true } match ? match.Groups["name"].Value : null;

    [GeneratedRegex(
        @"^(?:\$\{?(?<name>[A-Za-z_][A-Za-z0-9_]*)\}?|(?<name>CI_(?:JOB|PROJECT|COMMIT|PIPELINE)_[A-Z_]+|GITHUB_(?:JOB|REPOSITORY|RUN_ID|REF)[A-Z_]*|BITBUCKET_(?:REPO|STEP|BUILD|EXIT|COMMIT|PIPELINE)[A-Z_]*))$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
