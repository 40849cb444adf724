namespace CiMetrics.Durable;

/// <summary>What was found when a journal was opened.</summary>
/// <param name="Records">The records that were read back.</param>
/// <param name="CutBytes">Bytes of an append that a crash had interrupted, cut off; nobody was told that they are durable.</param>
public sealed record JournalRecovery(long Records, long CutBytes);
