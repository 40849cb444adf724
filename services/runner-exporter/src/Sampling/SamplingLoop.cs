using System.Collections.Concurrent;
using System.Threading.Channels;
using CiMetrics.RunnerExporter.State;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>
/// Samples every running build at an interval, apart from any scrape. A new build is sampled at once and again a
/// second later, so that short builds show figures too, and a last time the moment its first process ends: the kernel
/// removes the figures some milliseconds after that, before the engine tells of the end.
/// </summary>
internal sealed partial class SamplingLoop : IDisposable
{
    private static readonly TimeSpan SecondSample = TimeSpan.FromSeconds(1);
    private readonly BuildMonitor _monitor;
    private readonly Func<BuildFacts, SamplerChoice> _open;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<BuildEvent.Sampled> _last = new();
    private readonly ProcessExits _exits = new();
    private readonly Dictionary<(string Id, DateTimeOffset StartedAt), Target> _targets = [];

    public SamplingLoop(BuildMonitor monitor, Func<BuildFacts, SamplerChoice> open, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _monitor = monitor;
        _open = open;
        _interval = interval;
        _time = time;
        _logger = logger;
        monitor.Changed += Wake;
    }

    /// <summary>The loop: waits for the next sample that falls due or for a change of the builds.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                while (_last.TryDequeue(out BuildEvent.Sampled? last)) await _monitor.ReportAsync(last, stop);
                Follow(_monitor.Snapshot);
                DateTimeOffset now = _time.GetUtcNow();
                foreach (Target target in _targets.Values.Where(target => target.Sampling.IsCompleted && target.Due <= now))
                {
                    await target.Sampling; // Has ended: a failure of ours shows here.
                    target.Sampling = SampleAsync(target, stop);
                }

                await WaitAsync(stop);
            }
        }
        finally
        {
            foreach (Target target in _targets.Values)
            {
                await target.Sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Release(target);
            }

            _targets.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _monitor.Changed -= Wake;
        _exits.Dispose();
    }

    // At most one wake-up is kept.
    private void Wake(object? sender, EventArgs arguments) => _changed.Writer.TryWrite(true);

    private void Follow(BuildSnapshot snapshot)
    {
        HashSet<(string, DateTimeOffset)> running = [];
        foreach (BuildFacts facts in snapshot.Running)
        {
            (string Id, DateTimeOffset StartedAt) key = (facts.Id, facts.StartedAt);
            running.Add(key);
            if (_targets.ContainsKey(key)) continue;
            SamplerChoice choice = _open(facts);
            LogFound(_logger, facts.Name.RunnerUuid, facts.Name.PipelineUuid, choice.Reason);
            Target target = new(facts, choice, _time.GetUtcNow());
            _targets.Add(key, target);
            if (choice.Process is { } process) _exits.Watch(process, () => SampleLast(target));
        }

        foreach ((string Id, DateTimeOffset StartedAt) key in _targets.Keys.Where(key => !running.Contains(key)).ToArray())
        {
            _targets.Remove(key, out Target? ended);
            Release(ended!);
        }
    }

    private void Release(Target target)
    {
        if (target.Process is { } process) _exits.Forget(process);
        target.Sampler.Dispose();
    }

    /// <summary>Runs on the thread that watches the processes; files are read without waiting for anything.</summary>
    private void SampleLast(Target target)
    {
        ValueTask<SampleOutcome> sample = target.Sampler.SampleAsync(CancellationToken.None);
        if (!sample.IsCompletedSuccessfully) return;
        SampleOutcome outcome = sample.Result;
        if (outcome.Status != SampleStatus.Taken) return;
        _last.Enqueue(new BuildEvent.Sampled(target.Facts.Id, target.Facts.StartedAt, outcome));
        _changed.Writer.TryWrite(true);
    }

    private async Task SampleAsync(Target target, CancellationToken stop)
    {
        SampleOutcome outcome = await target.Sampler.SampleAsync(stop);
        bool wasFirst = target.Taken++ == 0;
        target.Due = _time.GetUtcNow() + (wasFirst && SecondSample < _interval ? SecondSample : _interval);
        if (outcome.Status == SampleStatus.Failed) LogFailed(_logger, target.Facts.Id, outcome.Reason);
        await _monitor.ReportAsync(new BuildEvent.Sampled(target.Facts.Id, target.Facts.StartedAt, outcome), stop);
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        // One that is being sampled reports when it has been, which wakes the loop: a slow one holds back no other.
        DateTimeOffset? due = _targets.Values.Where(target => target.Sampling.IsCompleted).Min(target => (DateTimeOffset?)target.Due);
        if (due is null)
        {
            await _changed.Reader.ReadAsync(stop);
            return;
        }

        TimeSpan wait = due.Value - _time.GetUtcNow();
        if (wait <= TimeSpan.Zero) return;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(_changed.Reader.ReadAsync(either.Token).AsTask(), Task.Delay(wait, _time, either.Token));
        await either.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Build found")]
    private static partial void LogFound(ILogger logger, string runnerUuid, string pipelineUuid, string sampledFrom);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A sample failed")]
    private static partial void LogFailed(ILogger logger, string container, string reason);

    private sealed class Target(BuildFacts facts, SamplerChoice choice, DateTimeOffset due)
    {
        public BuildFacts Facts { get; } = facts;

        public ISampler Sampler { get; } = choice.Sampler;

        public SafeFileHandle? Process { get; } = choice.Process;

        public DateTimeOffset Due { get; set; } = due;

        public int Taken { get; set; }

        public Task Sampling { get; set; } = Task.CompletedTask;
    }
}
