namespace CiMetrics.Hosting;

/// <summary>The settings of the web server.</summary>
public sealed class WebSettings
{
    internal WebSettings(ServiceSettings settings, int defaultPort)
    {
        ListenAddresses = settings.Addresses(
            "web.listen-address", "Address to listen on: host:port, :port or [IPv6]:port", new ListenAddress("", defaultPort));
        TelemetryPath = settings.Text("web.telemetry-path", "Path of the metrics", "/metrics", "path").Must(PathProblem);
        EnableOpenMetrics = settings.Switch(
            "web.enable-openmetrics", "Answer in OpenMetrics 1.0 where the scraper prefers it");
    }

    /// <summary>Where to listen (<c>--web.listen-address</c>). A service may give it more names.</summary>
    public Setting<IReadOnlyList<ListenAddress>> ListenAddresses { get; }

    /// <summary>The path of the metrics (<c>--web.telemetry-path</c>).</summary>
    public Setting<string> TelemetryPath { get; }

    /// <summary>Whether OpenMetrics may be negotiated (<c>--web.enable-openmetrics</c>).</summary>
    public Setting<bool> EnableOpenMetrics { get; }

    private static string? PathProblem(string path) =>
        !path.StartsWith('/') || path == "/" || path.Any(c => c is <= ' ' or >= '\x7f' or '?' or '#' or '%')
            ? "must be a path such as /metrics"
        : path is HealthEndpoints.Health or HealthEndpoints.Healthy or HealthEndpoints.Ready
            ? "must not be one of the health paths"
        : null;
}
