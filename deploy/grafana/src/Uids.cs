namespace CiMetrics.Dashboards;

/// <summary>The dashboards' uids, by which they link to each other.</summary>
public static class Uids
{
    /// <summary>All services.</summary>
    public const string Overview = "ci-runner-metrics-overview";

    /// <summary>Bitbucket build containers.</summary>
    public const string RunnerExporter = "bitbucket-runner-exporter";

    /// <summary>A Spacelift account.</summary>
    public const string Spacelift = "spacelift-promex";

    /// <summary>An AlloyCI or GitLab runner.</summary>
    public const string AlloyRunner = "alloy-runner-metrics";

    /// <summary>GitHub's runners; that file is kept by hand.</summary>
    public const string GitHubRunner = "github-runner-metrics";

    /// <summary>The use of CI templates.</summary>
    public const string CiTemplates = "ci-templates-kpi";

    /// <summary>The receiver of job events, and the sidecars.</summary>
    public const string CiReceiver = "ci-receiver";
}
