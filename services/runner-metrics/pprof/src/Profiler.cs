using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing.Etlx;
using Microsoft.Diagnostics.Tracing.EventPipe;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace CiMetrics.Pprof;

/// <summary>
/// Takes profiles of this process, in the format of <c>go tool pprof</c>. Nothing runs before one is asked for, nor after
/// it was given.
/// </summary>
public static class Profiler
{
    // Keywords of the runtime's provider.
    private const long GcKeyword = 0x1;
    private const long ContentionKeyword = 0x4000;
    private const long HeapSnapshotKeywords = 0x1980001;
    private const long DefaultKeywords = 0x4c14fccbd;

    /// <summary>What the runtime samples: one stack of each thread in this time.</summary>
    private const long SamplePeriodNanoseconds = 1_000_000;

    /// <summary>
    /// Processor time by stack. The runtime samples threads whether they run or wait; each thread's managed samples are
    /// therefore scaled to the processor time that the kernel counted for it.
    /// </summary>
    /// <param name="duration">How long to look.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="DiagnosticsClientException">The runtime refuses.</exception>
    public static async Task<byte[]> CpuAsync(TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset begun = time.GetUtcNow();
        ThreadTimes before = ThreadTimes.Read();
        EventPipeProvider[] providers =
        [
            EventPipeRecording.Provider(EventPipeRecording.Sampler, EventLevel.Informational, 0),
            EventPipeRecording.Provider(EventPipeRecording.Runtime, EventLevel.Informational, DefaultKeywords),
        ];
        ThreadTimes? after = null;
        using ITimer timer = time.CreateTimer(_ => after = ThreadTimes.Read(), null, duration, Timeout.InfiniteTimeSpan);
        using Recording recording = await Recording.TakeAsync(providers, duration, cancellationToken);
        after ??= ThreadTimes.Read();

        Dictionary<int, List<TraceCallStack?>> samples = [];
        recording.Read(source => new SampleProfilerTraceEventParser(source).ThreadSample += sample =>
        {
            // The runtime says of each sample whether the thread ran its own code or waited in the system.
            if (sample.Type != ClrThreadSampleType.Managed) return;
            if (!samples.TryGetValue(sample.ThreadID, out List<TraceCallStack?>? ofThread)) samples.Add(sample.ThreadID, ofThread = []);
            ofThread.Add(sample.CallStack());
        });

        PprofProfile profile = new(("samples", "count"), ("cpu", "nanoseconds"))
        {
            Time = begun,
            Duration = duration,
            Period = ("cpu", "nanoseconds", SamplePeriodNanoseconds),
            DefaultSampleType = "cpu",
        };
        foreach (int thread in after.Threads)
        {
            long used = after.Since(before, thread);
            if (used == 0) continue;
            if (!samples.TryGetValue(thread, out List<TraceCallStack?>? stacks))
            {
                // A thread of the runtime itself, or one that no sample met: its time is there, its stack is not.
                profile.Add([new PprofFrame("[native]", "[runtime]")], null, 0, used);
                continue;
            }
            for (int i = 0; i < stacks.Count; i++)
            {
                long share = (used * (i + 1) / stacks.Count) - (used * i / stacks.Count);
                profile.Add(Recording.Frames(stacks[i]), null, 1, share);
            }
        }
        return profile.ToArray();
    }

    /// <summary>What every managed thread does now: one stack each.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<byte[]> ThreadsAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset begun = time.GetUtcNow();
        using Recording recording = await Recording.TakeAsync(
            [EventPipeRecording.Provider(EventPipeRecording.Sampler, EventLevel.Informational, 0)], TimeSpan.FromMilliseconds(200), cancellationToken);
        Dictionary<int, TraceCallStack?> last = [];
        recording.Read(source => new SampleProfilerTraceEventParser(source).ThreadSample += sample => last[sample.ThreadID] = sample.CallStack());
        PprofProfile profile = new(("goroutine", "count")) { Time = begun, Period = ("goroutine", "count", 1) };
        foreach ((int thread, TraceCallStack? stack) in last) profile.Add(Recording.Frames(stack), thread.ToString(System.Globalization.CultureInfo.InvariantCulture), 1);
        return profile.ToArray();
    }

    /// <summary>What is on the managed heap, by type. Makes the runtime collect garbage.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<byte[]> HeapAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset begun = time.GetUtcNow();
        using Recording recording = await Recording.TakeAsync(
            [EventPipeRecording.Provider(EventPipeRecording.Runtime, EventLevel.Verbose, HeapSnapshotKeywords)], TimeSpan.FromSeconds(1), cancellationToken);
        Dictionary<ulong, string> types = [];
        Dictionary<ulong, (long Objects, long Bytes)> live = [];
        recording.Read(source =>
        {
            source.Clr.TypeBulkType += named =>
            {
                for (int i = 0; i < named.Count; i++) types[named.Values(i).TypeID] = named.Values(i).TypeName;
            };
            source.Clr.GCBulkNode += nodes =>
            {
                for (int i = 0; i < nodes.Count; i++)
                {
                    GCBulkNodeValues node = nodes.Values(i);
                    (long objects, long bytes) = live.GetValueOrDefault(node.TypeID);
                    live[node.TypeID] = (objects + 1, bytes + (long)node.Size);
                }
            };
        });
        PprofProfile profile = new(("inuse_objects", "count"), ("inuse_space", "bytes")) { Time = begun, Period = ("space", "bytes", 1), DefaultSampleType = "inuse_space" };
        foreach ((ulong type, (long objects, long bytes)) in live)
            profile.Add([new PprofFrame(types.GetValueOrDefault(type) is { Length: > 0 } name ? name : "[unknown type]", "[heap]")], null, objects, bytes);
        return profile.ToArray();
    }

    /// <summary>What is allocated meanwhile, by type and stack; the runtime tells of about every hundredth kilobyte.</summary>
    /// <param name="duration">How long to look.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<byte[]> AllocationsAsync(TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset begun = time.GetUtcNow();
        using Recording recording = await Recording.TakeAsync([EventPipeRecording.Provider(EventPipeRecording.Runtime, EventLevel.Verbose, GcKeyword)], duration, cancellationToken);
        PprofProfile profile = new(("alloc_objects", "count"), ("alloc_space", "bytes")) { Time = begun, Duration = duration, Period = ("space", "bytes", 100 << 10), DefaultSampleType = "alloc_space" };
        recording.Read(source => source.Clr.GCAllocationTick += tick =>
            profile.Add([new PprofFrame(tick.TypeName, "[type]"), .. Recording.Frames(tick.CallStack())], null, 1, tick.AllocationAmount64));
        return profile.ToArray();
    }

    /// <summary>Where threads waited for locks meanwhile.</summary>
    /// <param name="duration">How long to look.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<byte[]> ContentionAsync(TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset begun = time.GetUtcNow();
        using Recording recording = await Recording.TakeAsync([EventPipeRecording.Provider(EventPipeRecording.Runtime, EventLevel.Informational, ContentionKeyword)], duration, cancellationToken);
        PprofProfile profile = new(("contentions", "count"), ("delay", "nanoseconds")) { Time = begun, Duration = duration, Period = ("contentions", "count", 1) };
        Dictionary<int, TraceCallStack?> waiting = [];
        recording.Read(source =>
        {
            // The end of a wait carries no stack; its beginning does.
            source.Clr.ContentionStart += start => waiting[start.ThreadID] = start.CallStack();
            source.Clr.ContentionStop += stop =>
            {
                waiting.Remove(stop.ThreadID, out TraceCallStack? stack);
                profile.Add(Recording.Frames(stack ?? stop.CallStack()), null, 1, (long)stop.DurationNs);
            };
        });
        return profile.ToArray();
    }

    /// <summary>The runtime's events themselves, as <c>dotnet-trace</c> records them (.nettrace).</summary>
    /// <param name="duration">How long to look.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<byte[]> TraceAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pprof-");
        try
        {
            string path = Path.Combine(folder.FullName, "trace.nettrace");
            EventPipeProvider[] providers =
            [
                EventPipeRecording.Provider(EventPipeRecording.Sampler, EventLevel.Informational, 0),
                EventPipeRecording.Provider(EventPipeRecording.Runtime, EventLevel.Informational, DefaultKeywords),
            ];
            await EventPipeRecording.RecordAsync(path, providers, duration, cancellationToken);
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
