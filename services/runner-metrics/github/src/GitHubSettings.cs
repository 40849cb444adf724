using System.Text.RegularExpressions;
using CiMetrics.Durable;
using CiMetrics.GitHubRunner.Runners;
using CiMetrics.GitHubRunner.State;
using CiMetrics.Hosting;

namespace CiMetrics.GitHubRunner;

/// <summary>What users can set.</summary>
internal sealed class GitHubSettings
{
    private readonly Setting<IReadOnlyList<string>> _folders;
    private readonly Setting<string> _name;
    private readonly Setting<string> _deployments;
    private readonly Setting<string> _environments;
    private readonly Setting<IReadOnlyList<string>> _deploymentJobs;
    private readonly Setting<bool> _byRepository;
    private readonly Setting<bool> _byWorkflow;
    private readonly Setting<long> _mostWorkloads;
    private readonly Setting<string> _api;

    public GitHubSettings(ServiceSettings settings, string command)
    {
        settings.ReserveLabels("runner_name", "runner_type", "status", "source", "cache_type", "result", "event", "repository", "workflow", "environment", "type");
        _folders = settings.Repeated("runner-dir", "Folder of an installed runner, or a pattern such as /srv/runners/*; without any, only the webhook is served", "folder");
        _name = settings.Text("runner-name", "Name of the runner, instead of the one it is configured with; for one runner", placeholder: "name").FromEnvironment("RUNNER_NAME");
        RunnerType = settings.Text("runner-type", "What the runners are for, such as standard, chrome or chrome-go; the label runner_type", "standard", "type").FromEnvironment("RUNNER_TYPE");
        StateFolder = settings.Text("state-dir", "Folder that keeps positions and counters", StateHome.Of(command) ?? Path.Combine(Path.GetTempPath(), command), "folder");
        ProcPath = settings.Text("path.procfs", "The host's /proc", "/proc", "folder");
        ProcessInterval = settings.Duration("process-interval", "Time between two looks at processes", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        JobsLog = settings.Text("import-jobs-log", "The earlier exporter's jobs.log, whose jobs are counted once; for one runner", placeholder: "file");

        WebhookAddresses = settings.Addresses("webhook-listen", "Address to listen on for GitHub's workflow_job webhook, apart from the metrics (example :9092)", []);
        WebhookPath = settings.Text("webhook-path", "Path of the webhook", "/webhook", "path").Must(path => path is ['/', _, ..] && !path.StartsWith("/-/", StringComparison.Ordinal) && path != "/health" ? null : "must begin with / and be no health path");
        WebhookSecret = settings.Secret("webhook-secret", "The webhook's secret; required with --webhook-listen");
        ReplayWindow = settings.Duration("webhook-replay-window", "How long deliveries and jobs are remembered; older events are refused", TimeSpan.FromHours(72), TimeSpan.FromHours(1), TimeSpan.FromDays(30));
        settings.AddCheck(() => HasWebhook && WebhookSecret.Value is null ? ["--webhook-listen needs --webhook-secret-file or --webhook-secret: anybody could send events"] : [], WebhookAddresses, WebhookSecret.Text, WebhookSecret.File);

        Token = settings.Secret("github-token", "Token for GitHub's API, which is asked about jobs that no webhook has told of and about deployments' commits; needs to read actions only");
        _api = settings.Text("github-api-url", "Address of GitHub's API", "https://api.github.com/", "url").Must(url => ApiAddress(url) is null ? "must be an http or https URL" : null);
        CallsPerHour = settings.Number("github-calls-per-hour", "Calls to GitHub's API at most; a token has 5000", 1000, 1, 15000);
        ApiPatience = settings.Duration("github-api-patience", "How long a webhook may take to tell of a job's end before GitHub is asked", TimeSpan.FromMinutes(1), TimeSpan.Zero, TimeSpan.FromHours(1));

        _deployments = settings.OneOf("deployments", "Whether deployments are counted: auto is where the webhook is served, so that each is counted in one place", "auto", "auto", "on", "off");
        _environments = settings.Text("deployment-environments", "Regular expression of the environments that count", "^prod", "regex").Must(text => Environments(text) is null ? "must be a regular expression (.NET, non-backtracking)" : null);
        _deploymentJobs = settings.Repeated("deployment-job", "A job that counts without an environment, as workflow/job", "workflow/job").Must(jobs => jobs.All(IsWorkflowAndJob) ? null : "must be the names of a workflow and of a job with / between them");
        _byRepository = settings.Switch("per-repository", "Count jobs by repository too");
        _byWorkflow = settings.Switch("per-workflow", "Count jobs by workflow too");
        _mostWorkloads = settings.Number("max-workloads", "Pairs of repository and workflow counted by themselves; further ones are counted as other", 200, 1, 10_000);

        HooksFolder = settings.Text("runner", "With 'hooks': the runner's folder", placeholder: "folder").FromKey(null);
    }

    public Setting<string> RunnerType { get; }

    public Setting<string> StateFolder { get; }

    public Setting<string> ProcPath { get; }

    public Setting<TimeSpan> ProcessInterval { get; }

    public Setting<string> JobsLog { get; }

    public Setting<IReadOnlyList<ListenAddress>> WebhookAddresses { get; }

    public Setting<string> WebhookPath { get; }

    public Secret WebhookSecret { get; }

    public Setting<TimeSpan> ReplayWindow { get; }

    public Secret Token { get; }

    public Setting<long> CallsPerHour { get; }

    public Setting<TimeSpan> ApiPatience { get; }

    public Setting<string> HooksFolder { get; }

    /// <summary>Whether the webhook is served here.</summary>
    public bool HasWebhook => WebhookAddresses.Value.Count > 0;

    /// <summary>Whether GitHub's API is asked.</summary>
    public bool HasToken => Token.Value is not null;

    /// <summary>The API's address, ending in a slash.</summary>
    public Uri Api => ApiAddress(_api.Value)!;

    /// <summary>The observed runners.</summary>
    /// <param name="tell">Is told why a runner's configuration was not read.</param>
    /// <exception cref="ServiceFailedException">There is nothing to do, or two runners have one name.</exception>
    public IReadOnlyList<RunnerFolder> Runners(Action<string> tell)
    {
        string[] folders = [.. _folders.Value.SelectMany(RunnerFolder.Expand).Distinct(StringComparer.Ordinal)];
        if (folders.Length == 0 && !HasWebhook)
            throw new ServiceFailedException(_folders.Value.Count == 0 ? "there is nothing to observe: give --runner-dir, or --webhook-listen for a central receiver" : $"no runner is in {string.Join(", ", _folders.Value)} (--runner-dir)");
        string? name = _name.Value.Length > 0 && folders.Length == 1 ? _name.Value : null;
        List<RunnerFolder> runners = [];
        foreach (string folder in folders)
        {
            RunnerFolder runner = RunnerFolder.Read(folder, name, out string? problem);
            if (problem is not null) tell(problem);
            if (runners.Find(other => other.Name == runner.Name) is { } twin) throw new ServiceFailedException($"two runners have the name {runner.Name}: {twin.Path} and {runner.Path}");
            runners.Add(runner);
        }
        return runners;
    }

    /// <summary>The rules of the state.</summary>
    public FleetRules Rules(IEnumerable<RunnerFolder> runners) => new()
    {
        Runners = runners.Select(runner => runner.Name).ToHashSet(StringComparer.Ordinal),
        HasApi = HasWebhook || HasToken,
        AsksApi = HasToken,
        Deployments = new DeploymentRule(
            Environments(_environments.Value)!, _deploymentJobs.Value.ToHashSet(StringComparer.Ordinal), _deployments.Value == "on" || (_deployments.Value == "auto" && HasWebhook)),
        ByRepository = _byRepository.Value,
        ByWorkflow = _byWorkflow.Value,
        MostWorkloads = (int)_mostWorkloads.Value,
        Retention = ReplayWindow.Value,
    };

    private static bool IsWorkflowAndJob(string text) => text.Trim('/') == text && text.Contains('/', StringComparison.Ordinal);

    private static Regex? Environments(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static Uri? ApiAddress(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url : null;
}
