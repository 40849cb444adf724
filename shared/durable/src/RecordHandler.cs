namespace CiMetrics.Durable;

/// <summary>Takes one record of a journal that is read back. The bytes are valid during the call only.</summary>
/// <param name="payload">What was appended.</param>
public delegate void RecordHandler(ReadOnlySpan<byte> payload);
