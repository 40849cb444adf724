using System.Text.RegularExpressions;

namespace CiMetrics.Receiver.Naming;

/// <summary>
/// What GitLab appends to the name of a job that runs several times in a pipeline: <c>build: [linux, amd64]</c>
/// (parallel:matrix), <c>test 1/3</c> (parallel). These are one job for metrics.
/// </summary>
internal static partial class JobVariant
{
    /// <summary>The name without it, and without white space around it; where nothing else is there, the name.</summary>
    public static string Strip(string name)
    {
        string trimmed = name.Trim();
        string rest = Suffix().Replace(trimmed, "");
        return rest.Length > 0 ? rest : trimmed;
    }

    // No backtracking: names come from outside.
    [GeneratedRegex(@"(?:[\s:]+(?:\[[^\[\]]*\]|[0-9]+/[0-9]+))+$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Suffix();
}
