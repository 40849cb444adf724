using System.Diagnostics;
using System.Runtime.CompilerServices;
using CiMetrics.Testing;

namespace CiMetrics.Pprof.Tests;

/// <summary>Profiles of this test's own process while it does something that must be in them.</summary>
[NonParallelizable]
public sealed class ProfilerTests
{
    private static readonly Lock Contended = new();

    [Test]
    public async Task The_processor_time_is_the_kernels_and_its_stacks_are_those_that_used_it()
    {
        using CancellationTokenSource stop = new();
        Task[] burners = [Task.Run(() => BurnProcessorTime(stop.Token)), Task.Run(() => Thread.Sleep(4000))];
        await Task.Delay(200);
        long begun = Stopwatch.GetTimestamp();
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        Task<double> kernel = Task.Run(async () =>
        {
            await Task.Delay(3000);
            // As a rate: a busy machine wakes us late.
            return (Process.GetCurrentProcess().TotalProcessorTime - before) / Stopwatch.GetElapsedTime(begun);
        });
        PprofDecoder profile = new(await Profiler.CpuAsync(TimeSpan.FromSeconds(3), TimeProvider.System, CancellationToken.None));
        double used = await kernel;
        await stop.CancelAsync();
        await Task.WhenAll(burners);

        double told = profile.Total("cpu") / (double)profile.DurationNanoseconds;
        Assert.That(told, Is.EqualTo(used).Within(10).Percent, "the profile's total and the kernel's");
        long burnt = profile.Samples.Where(sample => sample.Stack.Any(function => function.Contains(nameof(BurnProcessorTime), StringComparison.Ordinal))).Sum(sample => sample.Values[1]);
        Assert.That(burnt, Is.GreaterThan(profile.Total("cpu") / 2), Show(profile));
    }

    [Test]
    public async Task What_is_allocated_is_told_by_type_and_stack()
    {
        using CancellationTokenSource stop = new();
        Task allocating = Task.Run(() => AllocateMarkers(stop.Token));
        PprofDecoder profile = new(await Profiler.AllocationsAsync(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None));
        await stop.CancelAsync();
        await allocating;
        Assert.That(profile.Samples.Any(sample => sample.Stack[0].Contains(nameof(AllocationMarker), StringComparison.Ordinal) && sample.Stack.Any(function => function.Contains(nameof(AllocateMarkers), StringComparison.Ordinal))));
    }

    [Test]
    public async Task What_is_on_the_heap_is_told_by_type()
    {
        AllocationMarker[] kept = [.. Enumerable.Range(0, 5000).Select(_ => new AllocationMarker())];
        PprofDecoder profile = new(await Profiler.HeapAsync(TimeProvider.System, CancellationToken.None));
        PprofSample sample = profile.Samples.Single(each => each.Stack[0].EndsWith(nameof(AllocationMarker), StringComparison.Ordinal));
        Assert.That(sample.Values[0], Is.GreaterThanOrEqualTo(5000));
        Assert.That(sample.Values[1], Is.GreaterThanOrEqualTo(5000 * 24));
        GC.KeepAlive(kept);
    }

    [Test]
    public async Task Threads_are_told_with_their_stacks()
    {
        using CancellationTokenSource stop = new();
        Task burning = Task.Run(() => BurnProcessorTime(stop.Token));
        PprofDecoder profile = new(await Profiler.ThreadsAsync(TimeProvider.System, CancellationToken.None));
        await stop.CancelAsync();
        await burning;
        Assert.That(profile.Samples.Any(sample => sample.Stack.Any(function => function.Contains(nameof(BurnProcessorTime), StringComparison.Ordinal))));
    }

    [Test]
    public async Task Waiting_for_locks_is_told()
    {
        using CancellationTokenSource stop = new();
        Task[] fighters = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => FightForLock(stop.Token)))];
        PprofDecoder profile = new(await Profiler.ContentionAsync(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None));
        await stop.CancelAsync();
        await Task.WhenAll(fighters);
        Assert.That(profile.Total("contentions"), Is.GreaterThan(3));
        Assert.That(profile.Total("delay"), Is.GreaterThan(1_000_000));
        Assert.That(profile.Samples.Any(sample => sample.Stack.Any(function => function.Contains(nameof(FightForLock), StringComparison.Ordinal))), Show(profile));
    }

    [Test]
    public async Task The_trace_is_the_runtimes_own_format()
    {
        byte[] trace = await Profiler.TraceAsync(TimeSpan.FromMilliseconds(300), CancellationToken.None);
        Assert.That(trace.AsSpan(0, 8).SequenceEqual("Nettrace"u8));
    }

    [Test]
    public async Task Whoever_goes_away_leaves_nothing_running_and_no_files()
    {
        using CancellationTokenSource gone = new(TimeSpan.FromMilliseconds(300));
        int before = Directory.GetDirectories(Path.GetTempPath(), "pprof-*").Length;
        Assert.That(async () => await Profiler.CpuAsync(TimeSpan.FromMinutes(5), TimeProvider.System, gone.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetDirectories(Path.GetTempPath(), "pprof-*"), Has.Length.EqualTo(before));
    }

    private static string Show(PprofDecoder profile) =>
        string.Join('\n', profile.Samples.OrderByDescending(sample => sample.Values[^1]).Take(10).Select(sample => $"{sample.Values[^1]} {string.Join(" < ", sample.Stack)}"));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double BurnProcessorTime(CancellationToken stop)
    {
        double value = 1;
        while (!stop.IsCancellationRequested)
        {
            for (int i = 0; i < 10_000; i++) value = Math.Sqrt(value + i);
        }
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int AllocateMarkers(CancellationToken stop)
    {
        int count = 0;
        AllocationMarker? last = null;
        while (!stop.IsCancellationRequested)
        {
            last = new AllocationMarker { Before = last is null ? null : "x" };
            count++;
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FightForLock(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            lock (Contended) Thread.Sleep(5);
        }
    }

    private sealed class AllocationMarker
    {
        public string? Before { get; init; }
    }
}
