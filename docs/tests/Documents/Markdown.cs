using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Documents;

/// <summary>A fenced block of a document.</summary>
/// <param name="Line">The line of its first fence, from 1.</param>
/// <param name="Language">The word behind the fence; empty without one.</param>
/// <param name="Text">What is between the fences.</param>
/// <param name="NotRun">Why it is not run, from the comment before it; null without one.</param>
internal sealed record Block(int Line, string Language, string Text, string? NotRun)
{
    /// <summary>Whether a reader would type it into a shell.</summary>
    public bool IsCommands => Language is "bash" or "sh" or "shell" or "console";
}

/// <summary>The documents of the repository, and what is in them.</summary>
internal static partial class Markdown
{
    /// <summary>Every document, by its path from the root.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden })
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Where(path => !path.Contains('/', StringComparison.Ordinal) || Folders.Contains(path.Split('/')[0], StringComparer.Ordinal))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private static string[] Folders => ["docs", "services", "deploy", "bench"];

    /// <summary>The text of a document.</summary>
    public static string Read(string document) => File.ReadAllText(Repository.PathOf(document));

    /// <summary>The fenced blocks of a document, in order.</summary>
    public static IReadOnlyList<Block> Blocks(string text)
    {
        List<Block> blocks = [];
        string[] lines = text.Split('\n');
        string? notRun = null;
        for (int i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                int end = Array.FindIndex(lines, i + 1, line => line.TrimEnd() == fence.Groups["indent"].Value + "```");
                if (end < 0) throw new AssertionException($"line {i + 1}: the block has no end");
                int indent = fence.Groups["indent"].Length;
                blocks.Add(new Block(i + 1, fence.Groups["language"].Value, string.Concat(lines[(i + 1)..end].Select(line => line[Math.Min(indent, line.Length)..] + "\n")), notRun));
                i = end;
                notRun = null;
            }
            else if (Comment().Match(lines[i]) is { Success: true } comment)
            {
                notRun = comment.Groups["reason"].Value;
            }
            else if (lines[i].Trim().Length > 0)
            {
                notRun = null;
            }
        }

        return blocks;
    }

    [GeneratedRegex("^(?<indent> *)```(?<language>[a-z]*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex("^ *<!-- not run: (?<reason>\\S.*) -->$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Comment();
}
