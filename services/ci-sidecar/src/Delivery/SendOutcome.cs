namespace CiMetrics.Sidecar.Delivery;

/// <summary>What became of one attempt.</summary>
/// <param name="Kind">What to do now.</param>
/// <param name="Reason">The receiver's words, or why there are none; for logs and reason files.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
/// <param name="HasWarnings">Whether the receiver counted the event, but not quite as it was sent.</param>
internal sealed record SendOutcome(SendResult Kind, string Reason, TimeSpan? RetryAfter = null, bool HasWarnings = false);
