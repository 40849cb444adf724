using System.Text.Json;

namespace CiMetrics.Sidecar.Intake;

/// <summary>What a job's file holds: events, or the reason why not.</summary>
/// <param name="Events">The events as JSON objects; none where there is a problem.</param>
/// <param name="Problem">What is wrong; null where nothing is. The file may become right while it is still written.</param>
internal sealed record ParsedFile(IReadOnlyList<JsonElement> Events, string? Problem);
