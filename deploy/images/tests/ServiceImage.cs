using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>A Dockerfile below <c>services/</c> and what it makes.</summary>
public sealed partial record ServiceImage(string Dockerfile, string Text)
{
    /// <summary>All of them, found by folder.</summary>
    public static IReadOnlyList<ServiceImage> All { get; } =
        [.. Directory.EnumerateFiles(Repository.PathOf("services"), "Dockerfile", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => new ServiceImage(path, File.ReadAllText(path)))];

    /// <summary>The image's name, which is its title.</summary>
    public string Name => Title().Match(Text).Groups["title"].Value;

    /// <summary>The program in it.</summary>
    public string Command => Program().Match(Text).Groups["command"].Value;

    /// <summary>The service's folder, seen from the repository's root.</summary>
    public string Folder => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(Dockerfile)!);

    /// <summary>The image of a name.</summary>
    public static ServiceImage Named(string name) => All.Single(image => image.Name == name);

    /// <summary>The default of a build argument.</summary>
    public string Argument(string name) => ArgumentLine().Matches(Text).First(match => match.Groups["name"].Value == name).Groups["value"].Value;

    /// <inheritdoc/>
    public override string ToString() => Name;

    [GeneratedRegex("""image\.title="(?<title>[^"]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Title();

    [GeneratedRegex("""^ENTRYPOINT \["/usr/bin/(?<command>[^"]+)""", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Program();

    [GeneratedRegex(@"^ARG (?<name>\w+)=(?<value>\S*)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex ArgumentLine();
}
