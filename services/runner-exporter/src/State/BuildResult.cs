namespace CiMetrics.RunnerExporter.State;

/// <summary>How a build ended, in as many words as an aggregate can carry.</summary>
internal enum BuildResult
{
    /// <summary>Exit code 0.</summary>
    Success,

    /// <summary>Any other exit code.</summary>
    Failure,

    /// <summary>Exit code 137 or 143: SIGKILL or SIGTERM, by a person, a time-out or the kernel.</summary>
    Killed,

    /// <summary>The event of its end never came.</summary>
    Unknown,
}

/// <summary>Results from exit codes.</summary>
internal static class BuildResults
{
    // 128 and the signal, as a shell says it and the engine repeats it.
    private const int Killed = 128 + 9, Terminated = 128 + 15;

    public static IReadOnlyList<BuildResult> All { get; } = Enum.GetValues<BuildResult>();

    public static BuildResult Of(int? exitCode) => exitCode switch
    {
        null => BuildResult.Unknown,
        0 => BuildResult.Success,
        Killed or Terminated => BuildResult.Killed,
        _ => BuildResult.Failure,
    };

    /// <summary>The value of the label.</summary>
    public static string Label(this BuildResult result) => result switch
    {
        BuildResult.Success => "success",
        BuildResult.Failure => "failure",
        BuildResult.Killed => "killed",
        _ => "unknown",
    };
}
