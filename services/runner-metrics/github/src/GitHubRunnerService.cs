using CiMetrics.GitHubRunner.Diag;
using CiMetrics.GitHubRunner.Hooks;
using CiMetrics.GitHubRunner.Keeping;
using CiMetrics.GitHubRunner.Metrics;
using CiMetrics.GitHubRunner.Observing;
using CiMetrics.GitHubRunner.Rest;
using CiMetrics.GitHubRunner.Runners;
using CiMetrics.GitHubRunner.State;
using CiMetrics.GitHubRunner.Steps;
using CiMetrics.GitHubRunner.Webhooks;
using CiMetrics.Hosting;
using CiMetrics.RunnerMetrics.Checkpoints;
using CiMetrics.RunnerMetrics.Following;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner;

/// <summary>
/// The pipeline: logs, hooks, the webhook and GitHub's API tell facts, the state puts them together by job, collectors turn
/// a snapshot of it into metrics. The runners themselves are only looked at.
/// </summary>
internal sealed partial class GitHubRunnerService : IService, IDisposable
{
    internal const string NotYet = "the runner's logs are still being read up to their present end";

    private GitHubSettings _settings = null!;
    private CheckpointFile? _file;
    private RestSource? _rest;

    public ServiceInfo Info { get; } = new()
    {
        Command = "github-runner-metrics",
        Title = "GitHub Actions Runner Metrics",
        Description = "Metrics of the self-hosted GitHub Actions runners on this machine, from their logs, hooks and webhooks",
        DefaultPort = 9091,
        StartCommand = "serve",
    };

    public void Declare(ServiceSettings settings)
    {
        _settings = new GitHubSettings(settings, Info.Command);
        settings.AddCommand("hooks install", "Write job hooks into a runner's folder and name them in its .env", _ => HooksAsync(HookInstaller.Install, "are installed"), _settings.HooksFolder);
        settings.AddCommand("hooks remove", "Take back what 'hooks install' wrote", _ => HooksAsync(HookInstaller.Remove, "are removed"), _settings.HooksFolder);
    }

    public void Start(ServiceContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        IReadOnlyList<RunnerFolder> runners = _settings.Runners(problem => LogConfiguration(logger, problem));
        FleetMonitor monitor = new(new FleetState(Open(_settings.StateFolder.Value), _settings.Rules(runners), context.Time));
        Checkpoint checkpoint = new(_file!, monitor, context.Time, logger);
        Import(runners, monitor, logger);

        ListenerProcess processes = new(runners, new ProcFolder(_settings.ProcPath.Value), _settings.ProcessInterval.Value, context.Time, logger);
        CatchUp catchUp = new(runners.Count, NotYet, context.Ready);
        if (catchUp.Problem is { } notYet) context.NotReady(notYet);
        context.BeforeScrape(_ => Task.FromResult(catchUp.Problem));
        DiagSource[] logs = [.. runners.Select(runner => new DiagSource(runner, monitor, catchUp, context.Time, logger))];
        HookSpool[] hooks = [.. runners.Select(runner => new HookSpool(runner, monitor, checkpoint, context.Time, logger))];
        Register(context, monitor, checkpoint, processes, logs, hooks);

        context.RunLoop("checkpoint", checkpoint.RunAsync);
        if (runners.Count > 0) context.RunLoop("processes", processes.RunAsync);
        for (int i = 0; i < runners.Count; i++)
        {
            RunnerFolder runner = runners[i];
            StepKinds kinds = new();
            context.RunLoop($"logs {runner.Name}", logs[i].RunAsync);
            context.RunLoop($"hooks {runner.Name}", hooks[i].RunAsync);
            foreach (string kind in (ReadOnlySpan<string>)["pages", "blocks"])
                context.RunLoop($"{kind} {runner.Name}", new StepSource(runner, kind, kinds, monitor, context.Time, logger).RunAsync);
            context.AddFact($"Observes the {(runner.IsEphemeral ? "ephemeral " : "")}runner {runner.Name} in {runner.Path}");
        }
        Listen(context, monitor, checkpoint, logger);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rest?.Dispose();
        _file?.Dispose();
    }

    private void Register(ServiceContext context, FleetMonitor monitor, Checkpoint checkpoint, ListenerProcess processes, DiagSource[] logs, HookSpool[] hooks)
    {
        Dictionary<string, DiagSource> byName = logs.ToDictionary(log => log.Runner.Name, StringComparer.Ordinal);
        RunnerView View(string runner) => new(processes.Of(runner), processes.HasLooked, byName[runner].IsUp, byName[runner].Figures);
        FleetSnapshot Snapshot() => monitor.Snapshot;
        bool hasApi = _settings.HasWebhook || _settings.HasToken;
        context.Registry.Register(new SpecCollector(Snapshot, View, _settings.RunnerType.Value, hasApi, context.Time));
        context.Registry.Register(new RunnerCollector(Snapshot, View, _settings.RunnerType.Value));
        context.Registry.Register(new FleetCollector(Snapshot, checkpoint, () => hooks.Sum(spool => spool.Refused), _settings.HasWebhook, _settings.HasToken));
    }

    private void Listen(ServiceContext context, FleetMonitor monitor, Checkpoint checkpoint, ILogger logger)
    {
        if (_settings.HasWebhook)
        {
            WebhookEndpoint webhook = new(() => _settings.WebhookSecret.Value, _settings.ReplayWindow.Value, monitor, checkpoint, context.Metrics, context.Time);
            context.Serve(_settings.WebhookAddresses.Value, _settings.WebhookPath.Value, webhook.HandleAsync, HttpMethods.Post);
            context.AddFact($"Takes GitHub's webhook at {string.Join(", ", _settings.WebhookAddresses.Value)}{_settings.WebhookPath.Value}");
        }
        if (!_settings.HasToken) return;
        TimeSpan patience = _settings.HasWebhook ? _settings.ApiPatience.Value : TimeSpan.Zero;
        ApiClient client = new(_settings.Api, () => _settings.Token.Value);
        _rest = new RestSource(client, patience, new CallBudget(_settings.CallsPerHour.Value, context.Time), monitor, context.Metrics, context.Time, logger);
        context.RunLoop("api", _rest.RunAsync);
    }

    private void Import(IReadOnlyList<RunnerFolder> runners, FleetMonitor monitor, ILogger logger)
    {
        if (_settings.JobsLog.Value.Length == 0) return;
        if (runners.Count != 1) throw new ServiceFailedException("--import-jobs-log needs one runner: the file does not say whose jobs it tells of");
        try
        {
            (JobsLogImport.Outcome outcome, _) = monitor.Write(state => JobsLogImport.Run(state, runners[0], _settings.JobsLog.Value));
            LogImported(logger, outcome.Imported, outcome.InLogs, outcome.Refused);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"--import-jobs-log: {exception.Message}", exception);
        }
    }

    private async Task<int> HooksAsync(Action<string> change, string done)
    {
        string runner = _settings.HooksFolder.Value;
        change(runner);
        await Console.Out.WriteLineAsync($"The job hooks of the runner in {Path.GetFullPath(runner)} {done}. It reads its .env when it starts: restart it.");
        return ExitCode.Stopped;
    }

    private FleetImage Open(string folder)
    {
        try
        {
            _file = CheckpointFile.Open(folder);
            return Checkpoint.Read(_file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"positions and counters cannot be kept (--state-dir): {exception.Message}", exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A runner's configuration cannot be read; it goes by its folder's name")]
    private static partial void LogConfiguration(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Imported the earlier exporter's jobs")]
    private static partial void LogImported(ILogger logger, long imported, long inLogs, long refused);
}
