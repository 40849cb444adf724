using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Listening;
using CiMetrics.AlloyRunner.Metrics;
using CiMetrics.AlloyRunner.Observing;
using CiMetrics.Docker;
using CiMetrics.Durable;
using CiMetrics.Hosting;

namespace CiMetrics.AlloyRunner;

/// <summary>What users can set: the flag of the users' document, where the runner's traces are, and the pace.</summary>
internal sealed class AlloySettings
{
    private static readonly string[] UsualConfigs = ["/etc/alloy-runner/config.toml", "/etc/gitlab-runner/config.toml"];
    private static readonly string[] UsualNames = ["alloy-runner", "alloyci-runner", "gitlab-runner"];

    private readonly Setting<string> _config;
    private readonly Setting<string> _ownConfig;
    private readonly Setting<string> _metricsServer;
    private readonly Setting<string> _profile;
    private readonly Setting<string> _from;
    private readonly Setting<IReadOnlyList<string>> _names;
    private readonly Setting<string> _docker;
    private readonly Setting<TimeSpan> _busy;
    private readonly Setting<TimeSpan> _idle;
    private readonly Setting<string> _pprof;
    private readonly Setting<string> _relay;
    private readonly ServiceSettings _settings;
    private string? _ownAddress;

    public AlloySettings(ServiceSettings settings, string command)
    {
        _settings = settings;
        settings.ReserveLabels(
            "type", "state", "stage", "executor_stage", "runner", "failure_reason", "level", "action", "executor", "result", "source", "direction", "reason",
            "architecture", "branch", "built_at", "go_version", "name", "os");
        _config = settings.Text("config", "The observed runner's config.toml; read, never written", placeholder: "file").Alias("c").FromKey("config");
        _metricsServer = settings.TextOrEmpty("metrics-server", "Address to listen on, [host]:port; empty: none", ":9252", "address")
            .FromEnvironment("METRICS_SERVER").Must(AddressProblem);
        _ownConfig = settings.Text("own-config", "A config.toml of the exporter's own, for metrics_server", placeholder: "file");
        settings.ListenOn(OwnAddress, _metricsServer, _ownConfig);
        settings.AddCheck(ReadOwnConfig, _ownConfig);

        LogFile = settings.Text("log-file", "The runner's log", placeholder: "file");
        LogContainer = settings.Text("log-container", "The runner's container, by name or id, whose json-file log is read", placeholder: "name");
        LogJournal = settings.Text("log-journal", "The runner's unit, whose entries in the journal are read", placeholder: "unit");
        settings.AddCheck(
            () => new[] { LogFile, LogContainer, LogJournal }.Count(log => log.Value.Length > 0) > 1 ? ["--log-file, --log-container and --log-journal: only one can be given"] : [],
            LogFile, LogContainer, LogJournal);
        _from = settings.OneOf("log-from", "Where to begin in a log that was never read", "beginning", "beginning", "end");
        PidFile = settings.Text("pid-file", "File with the runner's process id", placeholder: "file");
        _names = settings.Repeated("process-name", $"Name of the runner's executable (default {string.Join(", ", UsualNames)})", "name");
        MachineStore = settings.Text("machine-store", "docker-machine's store", "/root/.docker/machine", "folder");
        ProcPath = settings.Text("path.procfs", "The host's /proc", "/proc", "folder");
        _docker = settings.OneOf("docker.watch", "Whether to watch the containers of jobs where the runner has a docker executor", "auto", "auto", "off");
        Docker = new DockerSettings(settings);
        _busy = settings.Duration("busy-interval", "Time between two looks at processes while jobs run", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        _idle = settings.Duration("idle-interval", "Time between two looks at processes while none does", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        _profile = settings.OneOf("profile", "Whose metric names: of the users' document, of later AlloyCI runners, or of GitLab Runner", "doc", "doc", "alloy", "gitlab");
        _pprof = settings.OneOf("pprof", "Who may take profiles at /debug/pprof/: this machine, whoever has the token, or nobody", "loopback", "loopback", "token", "off");
        PprofToken = settings.Secret("pprof-token", "Bearer token for --pprof=token");
        settings.AddCheck(
            () => NeedsPprofToken != PprofToken.Value is { Length: > 0 } ? ["--pprof=token and --pprof-token must be given together"] : [],
            _pprof, PprofToken.Text, PprofToken.File);
        LongestProfile = settings.Duration("pprof-longest", "The longest time that a profile may take", TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        _relay = settings.Text("relay", "The runner's own metrics, which are merged into these; at /metrics/runner they are as they came, also those that its config.toml tells of", placeholder: "url").Must(RelayProblem);
        StateFolder = settings.Text(
            "state-dir", "Folder that keeps the position in the log and the counters", StateHome.Of(command) ?? Path.Combine(Path.GetTempPath(), command), "folder");
    }

    public Setting<string> LogFile { get; }

    public Setting<string> LogContainer { get; }

    public Setting<string> LogJournal { get; }

    public Setting<string> PidFile { get; }

    public Setting<string> MachineStore { get; }

    public Setting<string> ProcPath { get; }

    /// <summary>Where the engine is.</summary>
    public DockerSettings Docker { get; }

    public bool HasDocker => _docker.Value != "off";

    public Setting<string> StateFolder { get; }

    public Secret PprofToken { get; }

    public Setting<TimeSpan> LongestProfile { get; }

    /// <summary>The runner's own metrics; null where nothing is said of them.</summary>
    public Uri? Relay => _relay.Value.Length > 0 ? new Uri(_relay.Value) : null;

    public bool HasPprof => _pprof.Value != "off";

    public bool NeedsPprofToken => _pprof.Value == "token";

    /// <summary>The observed runner's configuration: the given one, or the first usual one that is there.</summary>
    public string ConfigPath => _config.Value.Length > 0 ? _config.Value : Array.Find(UsualConfigs, File.Exists) ?? UsualConfigs[0];

    public bool FromEnd => _from.Value == "end";

    public IReadOnlyList<string> ProcessNames => _names.Value.Count > 0 ? _names.Value : UsualNames;

    public ObservingPace Pace => new(_busy.Value, _idle.Value);

    public Profile Profile => _profile.Value switch { "alloy" => Profile.Alloy, "gitlab" => Profile.GitLab, _ => Profile.Doc };

    /// <summary>Where we listen.</summary>
    public IReadOnlyList<ListenAddress> Addresses => _settings.Addresses();

    private static string? AddressProblem(string text) => MetricsServerAddress.TryParse(text, out _) ? null : MetricsServerAddress.Rule;

    private static string? RelayProblem(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 ? null : "must be a URL such as http://127.0.0.1:9252/metrics";

    // The flag and the variable go over the file.
    private ListenAddress? OwnAddress() =>
        MetricsServerAddress.TryParse(_metricsServer.Source == SettingSource.Default && _ownAddress is { } own ? own : _metricsServer.Value, out ListenAddress? address)
            ? address
            : throw new InvalidOperationException(MetricsServerAddress.Rule);

    private IEnumerable<string> ReadOwnConfig()
    {
        if (_ownConfig.Value.Length == 0) return [];
        if (ConfigFile.ReadTable(_ownConfig.Value, out string? problem) is not { } table) return [$"--own-config: {problem}"];
        List<string> mistakes = [.. table.Entries.Where(entry => entry.Key != "metrics_server").Select(entry => $"--own-config: {_ownConfig.Value}: the only key is metrics_server")];
        if (table.TryGet("metrics_server", out object? value))
        {
            if (value is string text && AddressProblem(text) is null) _ownAddress = text;
            else mistakes.Add($"--own-config: {_ownConfig.Value}: metrics_server {MetricsServerAddress.Rule}");
        }
        return mistakes;
    }
}
