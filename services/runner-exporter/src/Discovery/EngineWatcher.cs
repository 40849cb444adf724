using CiMetrics.Docker;
using CiMetrics.RunnerExporter.State;
using Microsoft.Extensions.Logging;
using Polly.Retry;
using Polly;

namespace CiMetrics.RunnerExporter.Discovery;

/// <summary>
/// Keeps a session with one Docker engine for as long as the exporter runs: reconnects with back-off, and reports and
/// logs each change between answering and not answering once.
/// </summary>
internal sealed partial class EngineWatcher
{
    /// <summary>A session that did not last this long is followed by a pause: an engine that drops every stream is not hammered.</summary>
    private static readonly TimeSpan ShortSession = TimeSpan.FromSeconds(5);

    /// <summary>The pause. The engine remembers 256 events, so the next session comes as soon as is decent.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly DockerClient _engine;
    private readonly BuildMonitor _monitor;
    private readonly TimeSpan _reconcileInterval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Trouble _trouble;
    private readonly ResiliencePipeline<DockerResult<EngineSession>> _connect;
    private DockerFailureKind? _down;
    private long? _lastEventNano;
    private bool _wasOpen;

    public EngineWatcher(DockerClient engine, BuildMonitor monitor, TimeSpan reconcileInterval, TimeProvider time, ILogger logger, Trouble trouble)
    {
        _engine = engine;
        _monitor = monitor;
        _reconcileInterval = reconcileInterval;
        _time = time;
        _logger = logger;
        _trouble = trouble;
        _connect = new ResiliencePipelineBuilder<DockerResult<EngineSession>> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<DockerResult<EngineSession>>
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result.Failure is not null),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(250),
                MaxDelay = TimeSpan.FromSeconds(5),
                UseJitter = true,
            })
            .Build();
    }

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            DockerResult<EngineSession> opened = await _connect.ExecuteAsync(OpenAsync, stop);
            if (!opened.TryGet(out EngineSession? session, out _)) continue;
            long begun = _time.GetTimestamp();
            using (session)
            {
                BuildDiscovery discovery = new(_engine, session, _monitor, _trouble, _reconcileInterval, _time);
                DockerFailure end = await discovery.RunAsync(UpAsync, stop);
                _lastEventNano = discovery.LastEventNano ?? _lastEventNano;
                await DownAsync(end, stop);
            }

            if (_time.GetElapsedTime(begun) < ShortSession) await Task.Delay(Pause, _time, stop);
        }
    }

    private async ValueTask<DockerResult<EngineSession>> OpenAsync(CancellationToken cancel)
    {
        DockerResult<EngineSession> result = await EngineSession.OpenAsync(_engine, _lastEventNano, cancel);
        if (result.Failure is { } failure) await DownAsync(failure, cancel);
        else if (_wasOpen) _trouble.CountReconnect();
        _wasOpen |= result.Failure is null;
        return result;
    }

    private async Task UpAsync(EngineSession session)
    {
        _down = null;
        LogUp(_logger, session.Ping.Server, session.Ping.ApiVersion, session.Host.CgroupVersion);
        await _monitor.ReportAsync(new BuildEvent.EngineUp(), CancellationToken.None);
    }

    private async Task DownAsync(DockerFailure failure, CancellationToken cancel)
    {
        _trouble.Count(ReasonOf(failure.Kind));
        if (_down == failure.Kind) return;
        _down = failure.Kind;
        LogDown(_logger, failure.Message);
        await _monitor.ReportAsync(new BuildEvent.EngineDown(), cancel);
    }

    private static ErrorReason ReasonOf(DockerFailureKind kind) => kind switch
    {
        DockerFailureKind.Unreachable => ErrorReason.EngineUnreachable,
        DockerFailureKind.Timeout => ErrorReason.EngineTimeout,
        DockerFailureKind.Refused => ErrorReason.EngineRefused,
        DockerFailureKind.Tls => ErrorReason.EngineTls,
        DockerFailureKind.VersionMismatch => ErrorReason.EngineVersion,
        DockerFailureKind.EngineError => ErrorReason.EngineError,
        // Of a container that is not there anybody may ask; of the engine itself it is no answer.
        _ => ErrorReason.EngineProtocol,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "The Docker engine answers")]
    private static partial void LogUp(ILogger logger, string? engine, ApiVersion apiVersion, string? cgroupVersion);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Docker engine does not answer; trying again")]
    private static partial void LogDown(ILogger logger, string reason);
}
