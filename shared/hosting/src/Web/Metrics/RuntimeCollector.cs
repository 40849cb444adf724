using CiMetrics.Exposition;

namespace CiMetrics.Hosting;

/// <summary>The .NET runtime of the own process: garbage collector and thread pool.</summary>
internal sealed class RuntimeCollector : ICollector
{
    private static readonly MetricFamily Collections = new(
        "dotnet_gc_collections_total", "Garbage collections of this generation or an older one.", MetricType.Counter, "generation");

    private static readonly MetricFamily Pause = new(
        "dotnet_gc_pause_seconds_total", "Time that the program stood still for garbage collections.", MetricType.Counter);

    private static readonly MetricFamily Allocated = new(
        "dotnet_gc_allocated_bytes_total", "Bytes allocated on the managed heap.", MetricType.Counter);

    private static readonly MetricFamily HeapSize = new(
        "dotnet_gc_heap_size_bytes", "Size of the managed heap, including what is not collected yet.", MetricType.Gauge);

    private static readonly MetricFamily Threads = new(
        "dotnet_threadpool_threads", "Threads of the thread pool.", MetricType.Gauge);

    private static readonly MetricFamily Queue = new(
        "dotnet_threadpool_queue_length", "Work items waiting for a thread.", MetricType.Gauge);

    private static readonly MetricFamily Completed = new(
        "dotnet_threadpool_completed_items_total", "Work items that the thread pool has completed.", MetricType.Counter);

    private static readonly LabelSet[] Generations =
        [.. Enumerable.Range(0, 3).Select(generation => Collections.Schema.WithValues(generation.ToString()))];

    /// <inheritdoc/>
    public string Name => "dotnet";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families { get; } =
        [Collections, Pause, Allocated, HeapSize, Threads, Queue, Completed];

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        for (var generation = 0; generation < Generations.Length; generation++)
            writer.Write(Collections, Generations[generation], (long)GC.CollectionCount(generation));
        writer.Write(Pause, GC.GetTotalPauseDuration().TotalSeconds);
        writer.Write(Allocated, GC.GetTotalAllocatedBytes());
        writer.Write(HeapSize, GC.GetTotalMemory(forceFullCollection: false));
        writer.Write(Threads, (long)ThreadPool.ThreadCount);
        writer.Write(Queue, ThreadPool.PendingWorkItemCount);
        writer.Write(Completed, ThreadPool.CompletedWorkItemCount);
    }
}
