using System.Text.RegularExpressions;
using System.Xml.Linq;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Documents;

/// <summary><c>docs/dependencies.md</c> names the packages that the repository has, no more and no fewer.</summary>
public sealed partial class DependencyTests
{
    private static readonly string Text = Markdown.Read("docs/dependencies.md");

    [Test]
    public void The_packages_are_those_of_the_central_list()
    {
        string[] documented = [.. Sections("Packages that ship", "Packages for tests and builds", "Pinned only to be exact").SelectMany(section => section.Split('\n')).Select(line => line.StartsWith('|') ? line.Split('|')[1] : line).SelectMany(cell => Code().Matches(cell)).Select(match => match.Groups["name"].Value).Order(StringComparer.Ordinal)];
        Assert.That(documented, Is.Unique);
        IEnumerable<string> tools = Tools();
        Assert.That(documented, Is.EquivalentTo(Central().Concat(tools)));
    }

    [Test]
    public void Every_package_of_the_central_list_is_in_a_lock_file()
    {
        HashSet<string> locked = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(Repository.Root, "packages.lock.json", SearchOption.AllDirectories))
            locked.UnionWith(LockedName().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value));
        Assert.That(Central().Except(locked, StringComparer.Ordinal), Is.Empty, "no project uses them");
    }

    [Test]
    public void Every_part_that_is_written_here_exists()
    {
        string section = Sections("Written here, and what it stands in for").Single();
        string[] paths = [.. Code().Matches(section).Select(match => match.Groups["name"].Value).Where(name => name.Contains('/', StringComparison.Ordinal))];
        Assert.That(paths, Is.Not.Empty);
        Assert.That(paths.Where(path => !Path.Exists(Repository.PathOf(path))), Is.Empty);
    }

    private static IEnumerable<string> Sections(params string[] titles) =>
        titles.Select(title => Text.Split("\n## ").Single(section => section.StartsWith($"{title}\n", StringComparison.Ordinal)));

    private static IEnumerable<string> Central() =>
        XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Include")!.Value);

    private static IEnumerable<string> Tools() =>
        ToolName().Matches(File.ReadAllText(Repository.PathOf(".config", "dotnet-tools.json"))).Select(match => match.Groups["name"].Value);

    [GeneratedRegex("`(?<name>[A-Za-z0-9./-]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("\"(?<name>[A-Za-z0-9.]+)\": \\{\\s*\"type\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LockedName();

    [GeneratedRegex("\"(?<name>[a-z0-9.]+)\": \\{\\s*\"version\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToolName();
}
