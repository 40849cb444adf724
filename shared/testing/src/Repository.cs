using System.Text.Json;

namespace CiMetrics.Testing;

/// <summary>Where the checkout is, seen from a test binary.</summary>
public static class Repository
{
    /// <summary>The folder that holds global.json.</summary>
    public static string Root { get; } = Find();

    /// <summary>The version of the SDK that global.json pins.</summary>
    public static string PinnedSdk
    {
        get
        {
            using JsonDocument pinned = JsonDocument.Parse(File.ReadAllText(PathOf("global.json")));
            return pinned.RootElement.GetProperty("sdk").GetProperty("version").GetString()!;
        }
    }

    /// <summary>A path below the root.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "global.json"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no global.json above {AppContext.BaseDirectory}");
    }
}
