using System.Text.Json.Serialization;
using CiMetrics.RunnerMetrics.Following;

namespace CiMetrics.GitHubRunner.State;

/// <summary>All that survives a restart of ours: how far everything was read, and what was true there.</summary>
internal sealed class FleetImage
{
    /// <summary>The version of this layout.</summary>
    public int Version { get; set; } = 1;

    /// <summary>The files of each runner, by its folder.</summary>
    public Dictionary<string, FilesRead> Files { get; set; } = [];

    public Dictionary<string, RunnerFigures> Runners { get; set; } = [];

    public List<JobRecord> Jobs { get; set; } = [];

    public List<WaitSeries> Waits { get; set; } = [];

    public List<DeploymentSeries> Deployments { get; set; } = [];

    public List<WorkloadSeries> Workloads { get; set; } = [];

    public List<RestoredCount> Restored { get; set; } = [];

    public List<HookedRun> HookedRuns { get; set; } = [];

    public List<string> SeenHooks { get; set; } = [];

    public List<string> SeenDeliveries { get; set; } = [];

    public long WaitsUnknown { get; set; }

    public long Disagreements { get; set; }

    public long Folded { get; set; }

    public long Forgotten { get; set; }

    public long CountedTwice { get; set; }

    public long DeliveriesForgotten { get; set; }
}

/// <summary>How far the logs of one runner were read.</summary>
internal sealed class FilesRead
{
    /// <summary>Logs that are read to their end and not written any more.</summary>
    public HashSet<string> Done { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The others, in the order in which they came.</summary>
    public List<FileRead> Open { get; set; } = [];
}

/// <summary>How far one log was read.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Position">Null: nothing of it yet.</param>
/// <param name="Job">The job that it is about, of a worker's log.</param>
internal sealed record FileRead(string Name, LogPosition? Position, Guid? Job);

/// <summary>How many restores of a file were counted.</summary>
internal sealed record RestoredCount(string Source, int Count);

/// <summary>Without reflection: the program is trimmed.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FleetImage))]
internal sealed partial class FleetImageJson : JsonSerializerContext;
