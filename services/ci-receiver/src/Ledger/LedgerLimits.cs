namespace CiMetrics.Receiver.Ledger;

/// <summary>What bounds the ledger's memory and the number of series.</summary>
/// <param name="Names">The most names; further ones are counted as <c>other</c>.</param>
/// <param name="Projects">The most projects; further ones are counted as <c>other</c>.</param>
/// <param name="Series">The most counters; events of further ones are counted in their name's project <c>other</c>.</param>
/// <param name="Keys">The most keys that are remembered; at the limit the oldest go.</param>
/// <param name="KeyRetention">How long a key is remembered.</param>
internal sealed record LedgerLimits(int Names, int Projects, int Series, int Keys, TimeSpan KeyRetention);
