namespace CiMetrics.Spacelift.Api;

/// <summary>What one HTTP exchange gave: the body of a success, or an error.</summary>
/// <param name="Body">The body, which the caller gives back; null with an error.</param>
/// <param name="Error">Why there is none.</param>
/// <param name="RetryAfter">How long the server asked to wait.</param>
/// <param name="IsTransient">Whether the same call may succeed a moment later.</param>
internal sealed record Exchange(PooledBody? Body, ApiError? Error = null, TimeSpan? RetryAfter = null, bool IsTransient = false);
