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
internal sealed partial class SamplingLoop(
    BuildMonitor monitor, Func<BuildFacts, SamplerChoice> open, TimeSpan interval, TimeProvider time, ILogger logger, Trouble trouble)
{
    private static readonly TimeSpan SecondSample = TimeSpan.FromSeconds(1);
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<BuildEvent.Sampled> _last = new();
    private readonly Dictionary<(string Id, DateTimeOffset StartedAt), Target> _targets = [];
    private readonly List<Task> _leaving = [];

    /// <summary>The loop: waits for the next sample that falls due or for a change of the builds.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using ProcessExits exits = new();
        monitor.Changed += Wake;
        try
        {
            while (true)
            {
                while (_last.TryDequeue(out BuildEvent.Sampled? last)) await monitor.ReportAsync(last, stop);
                Follow(monitor.Snapshot, exits);
                DateTimeOffset now = time.GetUtcNow();
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
            monitor.Changed -= Wake;
            foreach (Target target in _targets.Values)
            {
                Release(target, exits);
                _leaving.Add(target.Sampling);
            }

            _targets.Clear();
            await Task.WhenAll(_leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // At most one wake-up is kept.
    private void Wake(object? sender, EventArgs arguments) => _changed.Writer.TryWrite(true);

    private void Follow(BuildSnapshot snapshot, ProcessExits exits)
    {
        HashSet<(string, DateTimeOffset)> running = [];
        foreach (BuildFacts facts in snapshot.Running)
        {
            (string Id, DateTimeOffset StartedAt) key = (facts.Id, facts.StartedAt);
            running.Add(key);
            if (_targets.ContainsKey(key)) continue;
            SamplerChoice choice = open(facts);
            LogFound(logger, facts.Name.RunnerUuid, facts.Name.PipelineUuid, choice.Reason);
            Target target = new(facts, choice, time.GetUtcNow());
            _targets.Add(key, target);
            if (choice.Process is { } process) exits.Watch(process, () => SampleLast(target));
        }

        foreach ((string Id, DateTimeOffset StartedAt) key in _targets.Keys.Where(key => !running.Contains(key)).ToArray())
        {
            _targets.Remove(key, out Target? ended);
            Release(ended!, exits);
            _leaving.Add(ended!.Sampling);
        }

        _leaving.RemoveAll(sampling => sampling.IsCompleted);
    }

    private static void Release(Target target, ProcessExits exits)
    {
        if (target.Process is { } process) exits.Forget(process);
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
        target.Due = time.GetUtcNow() + (wasFirst && SecondSample < interval ? SecondSample : interval);
        if (outcome.Status == SampleStatus.Failed)
        {
            trouble.Count(target.Sampler.Source == SampleSource.CgroupFiles ? ErrorReason.SampleCgroup : ErrorReason.SampleApi);
            LogFailed(logger, target.Facts.Id, outcome.Reason);
        }

        await monitor.ReportAsync(new BuildEvent.Sampled(target.Facts.Id, target.Facts.StartedAt, outcome), stop);
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

        TimeSpan wait = due.Value - time.GetUtcNow();
        if (wait <= TimeSpan.Zero) return;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(_changed.Reader.ReadAsync(either.Token).AsTask(), Task.Delay(wait, time, either.Token));
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
