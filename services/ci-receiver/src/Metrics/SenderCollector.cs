using CiMetrics.Exposition;
using CiMetrics.Receiver.Access;

namespace CiMetrics.Receiver.Metrics;

/// <summary>Tells of the file of tokens, where there is one.</summary>
internal sealed class SenderCollector(TokenFile file) : ICollector
{
    public static readonly MetricFamily Valid = new(
        "receiver_token_file_valid", "Whether the file of the senders' tokens could be used when it was read last (1) or not (0)", MetricType.Gauge);

    public static readonly MetricFamily Tokens = new("receiver_tokens", "Tokens that senders may have", MetricType.Gauge);

    public string Name => "senders";

    public IReadOnlyList<MetricFamily> Families => [Valid, Tokens];

    public void Collect(MetricWriter writer)
    {
        writer.Write(Valid, file.IsValid ? 1 : 0);
        writer.Write(Tokens, file.Tokens.Count);
    }
}
