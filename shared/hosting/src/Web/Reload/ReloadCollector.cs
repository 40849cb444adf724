using CiMetrics.Exposition;

namespace CiMetrics.Hosting;

/// <summary>How the reloads of what can be reloaded went, and until when the certificate in force is valid.</summary>
internal sealed class ReloadCollector(IReadOnlyList<ReloadState> states, Func<WebConfig> web) : ICollector
{
    private static readonly MetricFamily Successful = new(
        "exporter_config_last_reload_successful",
        "1 when this configuration was last read without a mistake, 0 while a changed one is refused and the one before is in force.",
        MetricType.Gauge,
        "config");

    private static readonly MetricFamily SuccessTime = new(
        "exporter_config_last_reload_success_timestamp_seconds",
        "When this configuration was last read without a mistake, in seconds since unix epoch.",
        MetricType.Gauge,
        "config");

    private static readonly MetricFamily Expiry = new(
        "exporter_tls_certificate_not_after_timestamp_seconds",
        "Until when the certificate that is served is valid, in seconds since unix epoch.",
        MetricType.Gauge);

    private readonly List<(ReloadState State, LabelSet Successful, LabelSet SuccessTime)> _states =
        [.. states.Select(state => (state, Successful.Schema.WithValues(state.Reloadable.Name), SuccessTime.Schema.WithValues(state.Reloadable.Name)))];

    /// <inheritdoc/>
    public string Name => "config";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families => [Successful, SuccessTime, Expiry];

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        foreach (var (state, successful, successTime) in _states)
        {
            var last = state.Last;
            writer.Write(Successful, successful, last.Succeeded ? 1L : 0L);
            writer.Write(SuccessTime, successTime, last.LastSuccess.ToUnixTimeMilliseconds() / 1000d);
        }
        if (web().Tls is { } tls)
            writer.Write(Expiry, new DateTimeOffset(tls.Certificate.TargetCertificate.NotAfter).ToUnixTimeSeconds());
    }
}
