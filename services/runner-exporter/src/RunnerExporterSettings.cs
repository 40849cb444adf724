using CiMetrics.Docker;
using CiMetrics.Hosting;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter;

/// <summary>What users can set: the flags of the users' document, the variables of the docker command, and the pace.</summary>
internal sealed class RunnerExporterSettings
{
    private readonly DockerSettings _docker;
    private readonly Setting<TimeSpan> _finishedTtl;
    private readonly Setting<long> _finishedMax;

    public RunnerExporterSettings(ServiceSettings settings)
    {
        Setting<int> port = settings.Port("port", "Server port", 8080);
        Setting<string> bind = settings.Text("bind", "Bind address", "0.0.0.0", "address");
        settings.ListenOn(bind, port);
        settings.ReserveLabels("runner_uuid", "pipeline_uuid", "result", "reason", "source", "figures", "cgroup", "final_sample");
        GuardWithUsersNames(settings);

        SampleInterval = settings.Duration(
            "sample-interval", "Time between two samples of a running build", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(5));
        ReconcileInterval = settings.Duration(
            "reconcile-interval", "Time between two readings of the container list", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        _finishedTtl = settings.Duration(
            "finished-ttl", "How long a build is shown after its end", FinishedRetention.Default.Ttl, TimeSpan.Zero, TimeSpan.FromHours(24));
        _finishedMax = settings.Number("finished-max", "How many builds are shown after their end", FinishedRetention.Default.Max, 0, 1000);
        ProcPath = settings.Text("path.procfs", "The host's /proc", "/proc", "folder");
        CgroupPath = settings.Text("path.cgroupfs", "The host's cgroup mounts", "/sys/fs/cgroup", "folder");

        _docker = new DockerSettings(settings);
    }

    public Setting<TimeSpan> SampleInterval { get; }

    public Setting<TimeSpan> ReconcileInterval { get; }

    public Setting<string> ProcPath { get; }

    public Setting<string> CgroupPath { get; }

    /// <summary>The endpoint, once the settings have been checked.</summary>
    public DockerEndpoint Endpoint() => _docker.Endpoint();

    /// <summary>What is kept of builds that have ended.</summary>
    public FinishedRetention Retention() => new(_finishedTtl.Value, (int)_finishedMax.Value);

    /// <summary>The version that the user fixed, if any.</summary>
    public ApiVersion? FixedVersion() => _docker.FixedVersion();

    /// <summary>The names that users of the older exporter have in their unit files and config files.</summary>
    private static void GuardWithUsersNames(ServiceSettings settings)
    {
        Secret password = settings.Secret("basic-auth-pass", "Password of --basic-auth-user");
        password.Text.FromKey("basic_auth.password");
        settings.Web.AddUser(settings.Text("basic-auth-user", "User who is let in").FromKey("basic_auth.username"), password);
        settings.Web.BearerToken.Text.Alias("bearer-token").FromKey("bearer_token");
        settings.Web.Allow.Alias("white-list").FromKey("white_list");
    }
}
