using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Running;

/// <summary>A service's <c>service.json</c>, as far as it takes to start the published program with its simulator.</summary>
internal sealed record ServiceManifest
{
    public required string Command { get; init; }

    public int? Port { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

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
            Assert.That(program, Does.Exist, "the simulator is not built");
            return program;
        }
    }

    private static ServiceManifest Read(string path) =>
        JsonSerializer.Deserialize<ServiceManifest>(File.ReadAllText(path), JsonSerializerOptions.Web)! with { Folder = Path.GetDirectoryName(path)! };
}

/// <summary>How the simulator is started and what the service is told of it.</summary>
internal sealed record SimulatorManifest
{
    public int? Port { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
