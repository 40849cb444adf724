namespace CiMetrics.Durable;

/// <summary>What was found when a journal was opened.</summary>
/// <param name="Records">The records that were read back.</param>
/// <param name="CutBytes">
/// Bytes at the end that are no whole record, cut off: an append that a crash had interrupted, which nobody was told is
/// durable. Damage of the last commit looks the same, unless the journal was sealed behind it.
/// </param>
public sealed record JournalRecovery(long Records, long CutBytes);
