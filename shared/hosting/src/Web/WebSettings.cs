namespace CiMetrics.Hosting;

/// <summary>The settings of the web server.</summary>
public sealed class WebSettings
{
    private readonly ServiceSettings _settings;
    private readonly List<(Setting<string> Name, Secret Password)> _users = [];
    private readonly Setting<string> _configFile;

    internal WebSettings(ServiceSettings settings, int defaultPort)
    {
        _settings = settings;
        ListenAddresses = settings.Addresses(
            "web.listen-address", "Address to listen on: host:port, :port, [IPv6]:port or unix:/path", settings.Info.ListensByDefault ? [new ListenAddress("", defaultPort)] : []);
        SystemdSocket = settings.Switch("web.systemd-socket", "Listen on the sockets that systemd passes on instead");
        TelemetryPath = settings.Text("web.telemetry-path", "Path of the metrics", "/metrics", "path").Must(PathProblem);
        _configFile = settings.Text(
            "web.config.file", "File with TLS, client certificates, users and headers, in the format of Prometheus's exporter-toolkit", placeholder: "file");
        settings.AddFileCheck(LoadConfigFile, _configFile);
        EnableOpenMetrics = settings.Switch(
            "web.enable-openmetrics", "Answer in OpenMetrics 1.0 where the scraper prefers it");
        MaxRequests = settings.Number(
            "web.max-requests", "Scrapes answered at a time; further ones get 503 (0 no limit)", 40, 0, 100_000);
        ScrapeTimeout = settings.Duration(
            "web.scrape-timeout", "Time that a scrape has, unless the scraper waits less",
            TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        MaxConnections = settings.Number(
            "web.max-connections", "Connections at a time; a further one closes the one idle for longest (0 no limit)", 512, 0, 1_000_000);
        IdleTimeout = settings.Duration(
            "web.idle-timeout", "Time that a connection may wait for its next request",
            TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        DisableExporterMetrics = settings.Switch(
            "web.disable-exporter-metrics", "Leave out the metrics of the exporter's own process and runtime");
        BearerToken = settings.Secret("web.bearer-token", "Token that lets a request in (Authorization: Bearer)");
        BearerToken.Text.Must(token => token?.Length == 0 ? "must not be empty" : null);
        Allow = settings.Ranges("web.allow", "Client address or CIDR range that is let in; others get 403 (default all)");
        TrustedProxies = settings.Ranges("web.trusted-proxies", "Address or CIDR range of proxies whose X-Forwarded-For is believed");
    }

    /// <summary>Where to listen (<c>--web.listen-address</c>). A service may give it more names.</summary>
    public Setting<IReadOnlyList<ListenAddress>> ListenAddresses { get; }

    /// <summary>Whether systemd passes the sockets on (<c>--web.systemd-socket</c>); addresses do not count then.</summary>
    public Setting<bool> SystemdSocket { get; }

    /// <summary>The path of the metrics (<c>--web.telemetry-path</c>).</summary>
    public Setting<string> TelemetryPath { get; }

    /// <summary>Whether OpenMetrics may be negotiated (<c>--web.enable-openmetrics</c>).</summary>
    public Setting<bool> EnableOpenMetrics { get; }

    /// <summary>The scrapes that are answered at a time; 0: as many as come (<c>--web.max-requests</c>).</summary>
    public Setting<long> MaxRequests { get; }

    /// <summary>The time that a scrape has, unless the scraper waits less (<c>--web.scrape-timeout</c>).</summary>
    public Setting<TimeSpan> ScrapeTimeout { get; }

    /// <summary>The connections at a time; 0: as many as come (<c>--web.max-connections</c>).</summary>
    public Setting<long> MaxConnections { get; }

    /// <summary>How long a connection may wait for its next request (<c>--web.idle-timeout</c>).</summary>
    public Setting<TimeSpan> IdleTimeout { get; }

    /// <summary>Whether the own process and runtime are left out (<c>--web.disable-exporter-metrics</c>).</summary>
    public Setting<bool> DisableExporterMetrics { get; }

    /// <summary>A token that lets requests in (<c>--web.bearer-token</c>, <c>--web.bearer-token-file</c>).</summary>
    public Secret BearerToken { get; }

    /// <summary>The client addresses that are let in; none: all (<c>--web.allow</c>).</summary>
    public Setting<IReadOnlyList<AddressRange>> Allow { get; }

    /// <summary>The proxies whose <c>X-Forwarded-For</c> is believed (<c>--web.trusted-proxies</c>).</summary>
    public Setting<IReadOnlyList<AddressRange>> TrustedProxies { get; }

    /// <summary>
    /// A switch of the service's own that shows when each counter and histogram began to count, in OpenMetrics only;
    /// null: they are not shown.
    /// </summary>
    public Setting<bool>? CreatedTimestamps { get; set; }

    /// <summary>
    /// Lets two settings of the service's own give a user who is let in, for commands that users know with
    /// <c>-basic-auth-user</c> and <c>-basic-auth-pass</c>. The password is given in clear. One without the other is a
    /// mistake.
    /// </summary>
    /// <param name="name">The user's name, empty by default.</param>
    /// <param name="password">The password.</param>
    public void AddUser(Setting<string> name, Secret password)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(password);
        name.Must(text => text.Contains(':', StringComparison.Ordinal) ? "must not contain a colon: HTTP cannot carry it" : null);
        _settings.AddCheck(
            () => (name.Value.Length > 0) == (password.Value is { Length: > 0 })
                ? []
                : [$"--{name.Name} and --{password.Text.Name} must be given together"],
            name,
            password.Text,
            password.File);
        _users.Add((name, password));
    }

    /// <summary>The web configuration file once it is loaded; null without one.</summary>
    internal WebConfigFile? ConfigFile { get; private set; }

    /// <summary>What the web configuration file says now.</summary>
    internal WebConfig Config => ConfigFile?.Current ?? WebConfig.None;

    /// <summary>The credentials that let a request in, as settings and files have them now.</summary>
    internal AccessRules Access()
    {
        var users = new Dictionary<string, IPassword>(Config.Users, StringComparer.Ordinal);
        foreach (var (name, password) in _users)
        {
            if (name.Value.Length > 0 && password.Value is { } text)
                users[name.Value] = new ClearSecret(text);
        }
        return new AccessRules(BearerToken.Value is { } token ? new ClearSecret(token) : null, new UserSet(users));
    }

    /// <summary>Loads the web configuration file; the mistakes in it.</summary>
    internal IEnumerable<Problem> LoadConfigFile()
    {
        var problems = new List<Problem>();
        if (_configFile.Value.Length > 0)
            ConfigFile = WebConfigFile.Load(_configFile.Value, "--web.config.file", [.. _users.Select(user => user.Name.Value)], problems);
        return problems;
    }

    private static string? PathProblem(string path) =>
        !path.StartsWith('/') || path == "/" || path.Any(c => c is <= ' ' or >= '\x7f' or '?' or '#' or '%')
            ? "must be a path such as /metrics"
        : path is HealthEndpoints.Health or HealthEndpoints.Healthy or HealthEndpoints.Ready
            ? "must not be one of the health paths"
        : path is ReloadEndpoint.Path ? "must not be the path that reloads the configuration"
        : null;
}
