namespace CiMetrics.Hosting;

/// <summary>One value as the user wrote it, before it is read.</summary>
/// <param name="Text">The text.</param>
/// <param name="Where">The source as a message names it.</param>
/// <param name="Key">The key within a map of the configuration file; null elsewhere.</param>
internal readonly record struct RawValue(string Text, string Where, string? Key = null);
