using System.Diagnostics;
using System.Globalization;
using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SamplingLoopTests
{
    private readonly Trouble _trouble = new();

    [Test]
    public async Task What_a_loop_holds_ends_with_it_also_while_a_build_runs()
    {
        BuildMonitor monitor = new(new BuildState(FinishedRetention.Default), TimeProvider.System);
        using Process process = Process.Start("/bin/sleep", "600");
        SafeFileHandle handle = ProcessHandle.Open(process.Id)!;
        CountingSampler sampler = new();
        SamplingLoop loop = new(monitor, _ => new SamplerChoice(sampler, "a test", handle), TimeSpan.FromMinutes(1), TimeProvider.System, NullLogger.Instance, _trouble);
        using CancellationTokenSource stop = new();
        Task[] running = [monitor.RunAsync(stop.Token), loop.RunAsync(stop.Token)];
        await monitor.ReportAsync(new BuildEvent.Running(Facts(process.Id)), CancellationToken.None);
        await Eventually.TrueAsync(() => sampler.Taken >= 1 && WatchingThreads() == 1, "the build to be sampled and its process watched");

        await stop.CancelAsync();
        foreach (Task task in running) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The kernel removes a joined thread's entry a moment after the join.
        await Eventually.TrueAsync(() => WatchingThreads() == 0, "the watching thread to be gone");
        process.Kill();
        Assert.Multiple(() =>
        {
            Assert.That(handle.IsClosed);
            Assert.That(sampler.IsDisposed);
            Assert.That(_trouble.Of(ErrorReason.SampleCgroup), Is.EqualTo(sampler.Taken));
        });
    }

    [Test]
    public async Task A_loop_waits_for_the_sample_of_a_build_that_left_before_it_ends()
    {
        BuildMonitor monitor = new(new BuildState(FinishedRetention.Default), TimeProvider.System);
        SlowSampler sampler = new();
        SamplingLoop loop = new(monitor, _ => new SamplerChoice(sampler, "a test"), TimeSpan.FromMinutes(1), TimeProvider.System, NullLogger.Instance, _trouble);
        using CancellationTokenSource stop = new();
        Task writer = monitor.RunAsync(stop.Token);
        Task sampling = loop.RunAsync(stop.Token);
        await monitor.ReportAsync(new BuildEvent.Running(Facts(1)), CancellationToken.None);
        await sampler.Begun.Task.WaitAsync(Eventually.Patience);
        await monitor.ReportAsync(new BuildEvent.Ended("a"), CancellationToken.None);
        await Eventually.TrueAsync(() => sampler.IsDisposed, "the build to be let go");

        await stop.CancelAsync();
        await writer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool endedBefore = sampling.IsCompleted;
        sampler.End.SetResult();
        await sampling.WaitAsync(Eventually.Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.That(endedBefore, Is.False);
        Assert.That(sampling.IsCanceled);
    }

    private static int WatchingThreads() => Directory.EnumerateDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText($"{task}/comm").Trim() == ProcessExits.ThreadName;
        }
        catch (IOException)
        {
            return false; // It ended while we looked.
        }
    });

    private static BuildFacts Facts(int pid) => new(
        "a", new BuildName("96da62a5-abee-497e-b1f6-7774432a3396", "1d1ff376-c967-4ebe-a84f-cd2d56ee0872"), pid, DateTimeOffset.Parse("2026-01-02T03:04:05Z", CultureInfo.InvariantCulture), Paused: false, 1, 1, "none");

    private sealed class CountingSampler : ISampler
    {
        public int Taken { get; private set; }

        public bool IsDisposed { get; private set; }

        public SampleSource Source => SampleSource.CgroupFiles;

        public ValueTask<SampleOutcome> SampleAsync(CancellationToken cancellation)
        {
            Taken++;
            return ValueTask.FromResult(SampleOutcome.Failed("a test"));
        }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class SlowSampler : ISampler
    {
        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource End { get; } = new();

        public bool IsDisposed { get; private set; }

        public SampleSource Source => SampleSource.StatsApi;

        public async ValueTask<SampleOutcome> SampleAsync(CancellationToken cancellation)
        {
            Begun.TrySetResult();
            await End.Task;
            return SampleOutcome.Failed("a test");
        }

        public void Dispose() => IsDisposed = true;
    }
}
