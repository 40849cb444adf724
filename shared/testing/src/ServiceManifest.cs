using System.Text.Json;

namespace CiMetrics.Testing;

/// <summary>A service's <c>service.json</c>, as far as it takes to start the published program with its simulator.</summary>
public sealed record ServiceManifest
{
    /// <summary>The published program.</summary>
    public required string Command { get; init; }

    /// <summary>Where users expect it.</summary>
    public required int Port { get; init; }

    /// <summary>Its arguments, with places to fill in.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What it watches here.</summary>
    public SimulatorManifest Simulator { get; init; } = new();

    /// <summary>The service's folder.</summary>
    public string Folder { get; private init; } = "";

    /// <summary>Every service, in the order in which <c>./build.sh run</c> starts them.</summary>
    public static IReadOnlyList<ServiceManifest> All { get; } =
        [.. Directory.EnumerateFiles(Repository.PathOf("services"), "service.json", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Read)];

    /// <summary>The simulator as the build left it.</summary>
    public string SimulatorProgram
    {
        get
        {
            string project = Directory.EnumerateFiles(Path.Combine(Folder, "sim"), "*.csproj").Single();
            string program = Path.Combine(Folder, "sim", "bin", "Release", "net10.0", Path.GetFileNameWithoutExtension(project));
            return File.Exists(program) ? program : throw new AssertionException($"{program} is not built");
        }
    }

    private static ServiceManifest Read(string path) =>
        JsonSerializer.Deserialize<ServiceManifest>(File.ReadAllText(path), JsonSerializerOptions.Web)! with { Folder = Path.GetDirectoryName(path)! };
}

/// <summary>How a simulator is started and what its service is told of it.</summary>
public sealed record SimulatorManifest
{
    /// <summary>Not null for one that listens.</summary>
    public int? Port { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables of its service.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
