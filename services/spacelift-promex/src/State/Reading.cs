using CiMetrics.Spacelift.Api;

namespace CiMetrics.Spacelift.State;

/// <summary>What a collector read last.</summary>
/// <param name="Value">What is known; null where nothing is.</param>
/// <param name="Error">What went wrong the last time; a value beside it is a part, or from before.</param>
/// <param name="Took">How long the last time took.</param>
/// <param name="LastSuccess">When it last went well.</param>
internal sealed record Reading<T>(T? Value, ApiError? Error, TimeSpan Took, DateTimeOffset? LastSuccess)
    where T : class;
