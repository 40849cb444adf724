using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Documents;

/// <summary>Links between the documents lead somewhere.</summary>
public sealed partial class LinkTests
{
    private static IEnumerable<string> Documents => Markdown.Documents;

    [TestCaseSource(nameof(Documents))]
    public void Every_link_to_a_file_or_heading_of_the_repository_works(string document)
    {
        List<string> broken = [];
        foreach (string link in Link().Matches(Fenced().Replace(Markdown.Read(document), "")).Select(match => match.Groups["target"].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)))
        {
            string[] parts = link.Split('#', 2);
            string path = parts[0].Length == 0 ? Repository.PathOf(document) : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.PathOf(document))!, parts[0]));
            // Checked as soon as there is something.
            if (path.StartsWith(Repository.PathOf("deploy", "k8s"), StringComparison.Ordinal) && !Directory.Exists(Repository.PathOf("deploy", "k8s"))) continue;
            if (!Path.Exists(path)) broken.Add($"{link}: there is no such file");
            else if (parts.Length == 2 && !Headings(File.ReadAllText(path)).Contains(parts[1], StringComparer.Ordinal)) broken.Add($"{link}: there is no such heading");
        }

        Assert.That(broken, Is.Empty, document);
    }

    // As GitHub names them.
#pragma warning disable CA1308 // Anchors are lower-case.
    private static IEnumerable<string> Headings(string markdown) =>
        Heading().Matches(Fenced().Replace(markdown, "")).Select(match => NotInAnchors().Replace(match.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));
#pragma warning restore CA1308

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, 1000)]
    private static partial Regex NotInAnchors();
}
