namespace CiMetrics.RunnerMetrics.Following;

/// <summary>Gets one line, without its line ending; valid during the call only.</summary>
/// <param name="line">The bytes as they are in the file; nothing says that they are UTF-8.</param>
/// <param name="isCut">The line was too long: its beginning and its end are there, the middle is not.</param>
public delegate void LineHandler(ReadOnlySpan<byte> line, bool isCut);
