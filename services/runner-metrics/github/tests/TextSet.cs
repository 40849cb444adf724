namespace CiMetrics.GitHubRunner.Tests;

internal static class TextSet
{
    public static IReadOnlySet<string> Of(params IEnumerable<string> texts) => texts.ToHashSet(StringComparer.Ordinal);
}
