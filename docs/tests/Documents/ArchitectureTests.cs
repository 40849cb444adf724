using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Documents;

/// <summary>The folders and types that <c>docs/architecture.md</c> names are those of the code, and it names every folder of a service.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Text = Markdown.Read("docs/architecture.md");

    private static string[] Words { get; } = [.. Code().Matches(Text).SelectMany(match => match.Groups["code"].Value.Split(' ', '(', '.')).Distinct(StringComparer.Ordinal)];

    [Test]
    public void Every_folder_that_is_named_exists()
    {
        string[] paths = [.. Words.Where(word => RepositoryPath().IsMatch(word))];
        Assert.That(paths, Has.Length.GreaterThan(12));
        Assert.That(paths.Where(path => !Path.Exists(Repository.PathOf(path))), Is.Empty);
        string[] ofHosting = [.. Words.Where(word => HostingPath().IsMatch(word))];
        Assert.That(ofHosting, Has.Length.GreaterThan(5));
        Assert.That(ofHosting.Where(path => !Directory.Exists(Repository.PathOf("shared", "hosting", "src", path))), Is.Empty);
    }

    [Test]
    public void Every_type_that_is_named_exists()
    {
        HashSet<string> types = new(StringComparer.Ordinal) { "TimeProvider" };
        foreach (string file in new[] { "shared", "services" }.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)))
            types.UnionWith(Declaration().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value));
        string[] named = [.. Words.Where(word => TypeName().IsMatch(word)).Except(["RunAsync", "Start", "Program", "README", "Dockerfile"], StringComparer.Ordinal)];
        Assert.That(named, Has.Length.GreaterThan(40));
        Assert.That(named.Where(name => !types.Contains(name)), Is.Empty);
    }

    [Test]
    public void Every_shared_library_and_service_is_named()
    {
        string[] projects = [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!))
            .Where(folder => folder.EndsWith("/src", StringComparison.Ordinal))
            .Select(folder => folder[..^"/src".Length])
            .Where(folder => folder.StartsWith("shared/", StringComparison.Ordinal) || folder.StartsWith("services/", StringComparison.Ordinal))
            .Where(folder => folder != "shared/hosting/sample")];
        Assert.That(projects.Except(Words, StringComparer.Ordinal), Is.Empty);
    }

    [GeneratedRegex("`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("^(shared|services|deploy|bench|tools|docs)(/[a-z/-]+)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RepositoryPath();

    [GeneratedRegex("^(Options|Web)/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HostingPath();

    [GeneratedRegex("^[A-Z][a-z]+[A-Za-z]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\b(class|record|record struct|struct|interface|enum) (?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Declaration();
}
