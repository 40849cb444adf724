using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Bases;

/// <summary>
/// Stands in for the SDK's image. The real kind has the machine's own SDK and the packages that the repository has restored
/// with it, so that an image is built without a network. The other kind hands over the programs that are published
/// already, for a second instead of a minute.
/// </summary>
internal static class SdkStandIn
{
    private const string Applets = "sh cat chmod cp find mkdir rm";

    private const string HandOver =
        """
        #!/bin/sh
        set -e
        [ -f global.json ] && [ -n "$(find "$2" -name '*.csproj')" ]
        case $1 in
          restore) ;;
          publish) project=$2; while [ "$1" != -o ]; do shift; done; mkdir -p "$2"; cp "/published/$project"/* "$2" ;;
          *) exit 1 ;;
        esac

        """;

    /// <summary>Makes the archive of an SDK that hands over what is published.</summary>
    public static async Task ArchiveHandOverAsync(string root, string archive)
    {
        await AddShellAsync(root);
        string dotnet = Path.Combine(root, "bin", "dotnet");
        await File.WriteAllTextAsync(dotnet, HandOver);
        await Tool.RunAsync("chmod", "755", dotnet);
        foreach (ServiceImage image in ServiceImage.All)
        {
            string project = Directory.CreateDirectory(Path.Combine(root, "published", image.Folder, "src")).FullName;
            File.Copy(Published.Binary(image.Command), Path.Combine(project, image.Command));
        }
        await Tool.RunAsync("tar", "--numeric-owner", "-C", root, "-cf", archive, ".");
    }

    /// <summary>Makes the archive of a real SDK on the libraries that are in <paramref name="root"/>; gives its environment.</summary>
    public static async Task<string> ArchiveRealAsync(string root, string archive)
    {
        await AddShellAsync(root);
        await Tool.RunAsync("tar", "--numeric-owner", "-C", root, "-cf", archive, ".");

        string program = Requires.Program("dotnet", "dotnet-sdk-10.0");
        string sdk = Path.GetDirectoryName(new FileInfo(program).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program)!;
        string[] parts = [$"sdk/{Repository.PinnedSdk}", "sdk-manifests", "dotnet", "host", "packs", "shared"];
        string packages = (await Tool.RunAsync("dotnet", "nuget", "locals", "global-packages", "--list")).Split(' ')[^1].TrimEnd('/');
        string[] added = [.. parts.Select(part => Path.Combine(sdk, part)), .. PackageFolders(packages)];
        await Tool.RunAsync("tar", ["--numeric-owner", "-C", "/", "-rf", archive, .. added.Select(path => path.TrimStart('/'))]);
        return $"PATH={sdk}:/usr/bin:/bin NUGET_PACKAGES={packages} DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1";
    }

    private static async Task AddShellAsync(string root)
    {
        string bin = Directory.CreateDirectory(Path.Combine(root, "bin")).FullName;
        File.Copy(Requires.Program("busybox", "busybox-static"), Path.Combine(bin, "busybox"));
        foreach (string applet in Applets.Split(' ')) File.CreateSymbolicLink(Path.Combine(bin, applet), "busybox");
        await Tool.RunAsync("chmod", "755", root);
    }

    /// <summary>What the lock files of all that ships name, and the platform's packages, which belong to the SDK.</summary>
    private static IEnumerable<string> PackageFolders(string packages)
    {
        IEnumerable<string> locked = ((string[])["services", "shared"])
            .SelectMany(top => Directory.EnumerateFiles(Repository.PathOf(top), "packages.lock.json", SearchOption.AllDirectories))
            .Where(path => Path.GetFileName(Path.GetDirectoryName(path)) == "src")
            .SelectMany(Locked);
        return locked.Select(package => Path.Combine(packages, package))
            .Concat(Directory.EnumerateDirectories(packages, "microsoft.*.linux-x64").Select(folder => Path.Combine(folder, Environment.Version.ToString())))
            .Distinct(StringComparer.Ordinal)
            .Where(Directory.Exists);
    }

    private static IEnumerable<string> Locked(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return [.. document.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.TryGetProperty("resolved", out _))
            .Select(package => $"{package.Name}/{package.Value.GetProperty("resolved").GetString()}".ToLowerInvariant())];
    }
}
