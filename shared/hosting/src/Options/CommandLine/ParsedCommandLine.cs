namespace CiMetrics.Hosting;

/// <summary>What the command line says, before values are read.</summary>
/// <param name="Command">The subcommand, or null.</param>
/// <param name="Help">Help was asked for.</param>
/// <param name="Version">The version was asked for.</param>
/// <param name="Values">What the flags gave.</param>
internal sealed record ParsedCommandLine(
    string? Command, bool Help, bool Version, Dictionary<Setting, List<RawValue>> Values);
