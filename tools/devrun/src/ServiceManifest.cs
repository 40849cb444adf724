using System.Text.Json;
using System.Text.Json.Serialization;

namespace CiMetrics.DevRun;

/// <summary>
/// A service's <c>service.json</c>: what it takes to start the service on a developer's machine. It stands in the
/// service's own folder, so that a new service edits no list. <c>{port}</c>, <c>{port:COMMAND}</c> (of a service whose
/// folder comes earlier in the alphabet), <c>{simulator-port}</c> and <c>{work}</c> (a temp folder of the run) are filled
/// in everywhere.
/// </summary>
internal sealed record ServiceManifest
{
    /// <summary>The executable's name, which users know.</summary>
    public required string Command { get; init; }

    /// <summary>The port users expect it on; null for a service that does not listen.</summary>
    public int? Port { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>How to recognise that its real source is there.</summary>
    public required SourceManifest Source { get; init; }

    /// <summary>How to start its simulator where the real source is not.</summary>
    public required SimulatorManifest Simulator { get; init; }

    /// <summary>The service's folder.</summary>
    [JsonIgnore]
    public string Folder { get; private init; } = "";

    /// <summary>Every service below <c>services/</c>, in the order of their folders.</summary>
    public static IReadOnlyList<ServiceManifest> FindAll(string root) =>
        [.. Directory.EnumerateFiles(Path.Combine(root, "services"), "service.json", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Read)];

    private static ServiceManifest Read(string path)
    {
        ServiceManifest manifest = JsonSerializer.Deserialize<ServiceManifest>(File.ReadAllText(path), Options)
            ?? throw new JsonException($"{path} is empty");
        return manifest with { Folder = Path.GetDirectoryName(path)! };
    }

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };
}

/// <summary>The signs of a real source; the first that holds is used.</summary>
internal sealed record SourceManifest
{
    /// <summary>Environment variables that name it.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Unix sockets that take a connection when it runs.</summary>
    public IReadOnlyList<string> Sockets { get; init; } = [];

    /// <summary>Files or folders that exist where it runs.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>What is missing and how to provide it, for the table.</summary>
    public required string Missing { get; init; }
}

/// <summary>The simulator in the service's <c>sim/</c> folder.</summary>
internal sealed record SimulatorManifest
{
    /// <summary>The port that the simulator is to listen on, or one near it: <c>{simulator-port}</c>.</summary>
    public int? Port { get; init; }

    /// <summary>The simulator's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What the service's environment gets so that it talks to the simulator.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
