using System.Runtime.CompilerServices;
using CiMetrics.Pprof;

namespace CiMetrics.AlloyRunner.Profiling;

/// <summary>The only place that touches the assembly that takes profiles: it is loaded when this is called, and not before.</summary>
internal static class ProfileTaker
{
    /// <summary>Takes the profile of that name.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task<byte[]> TakeAsync(string name, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken) => name switch
    {
        "profile" => Profiler.CpuAsync(duration, time, cancellationToken),
        "goroutine" => Profiler.ThreadsAsync(time, cancellationToken),
        "heap" => Profiler.HeapAsync(time, cancellationToken),
        "allocs" => Profiler.AllocationsAsync(duration, time, cancellationToken),
        "mutex" or "block" => Profiler.ContentionAsync(duration, time, cancellationToken),
        "trace" => Profiler.TraceAsync(duration, cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such profile"),
    };
}
