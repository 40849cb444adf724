namespace CiMetrics.Sidecar.Spooling;

/// <summary>One event on its way to the receiver.</summary>
/// <param name="Key">Stands for the event at the receiver: the same at every attempt.</param>
/// <param name="Body">The JSON object that is sent.</param>
/// <param name="Since">When it was put into the spool.</param>
/// <param name="FileName">Its file in the spool; a key may hold what no file name may.</param>
internal sealed record SpooledEvent(string Key, byte[] Body, DateTimeOffset Since, string FileName);
