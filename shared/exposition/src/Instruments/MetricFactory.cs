namespace CiMetrics.Exposition;

/// <summary>
/// Creates instruments and registers them. All methods throw <see cref="ArgumentException"/> for an invalid name
/// and <see cref="InvalidOperationException"/> for a family that clashes with one of the registry.
/// </summary>
public sealed class MetricFactory
{
    private readonly CollectorRegistry _registry;

    internal MetricFactory(CollectorRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
    }

    /// <summary>A value that only grows. Name it <c>..._total</c>, or OpenMetrics has to call it <c>unknown</c>.</summary>
    public Counter CreateCounter(string name, string help, params string[] labelNames) =>
        Register(new Counter(new MetricFamily(name, help, MetricType.Counter, labelNames), _registry.Options));

    /// <summary>A value that goes up and down.</summary>
    public Gauge CreateGauge(string name, string help, params string[] labelNames) =>
        Register(new Gauge(new MetricFamily(name, help, MetricType.Gauge, labelNames)));

    /// <summary>Observed values, counted in buckets.</summary>
    /// <param name="name">The name, without <c>_bucket</c>.</param>
    /// <param name="help">The HELP text.</param>
    /// <param name="buckets">Upper bounds: finite, not negative, strictly increasing; <c>+Inf</c> is implied.</param>
    /// <param name="labelNames">The label names.</param>
    public Histogram CreateHistogram(string name, string help, double[] buckets, params string[] labelNames) =>
        Register(new Histogram(new MetricFamily(name, help, MetricType.Histogram, labelNames), new BucketBounds(buckets), _registry.Options));

    /// <summary>A constant 1 whose labels are the facts, such as a version.</summary>
    /// <param name="name">The name, which ends in <c>_info</c>.</param>
    /// <param name="help">The HELP text.</param>
    /// <param name="labels">The facts.</param>
    public void CreateInfo(string name, string help, params (string Name, string Value)[] labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var family = new MetricFamily(name, help, MetricType.Info, [.. labels.Select(label => label.Name)]);
        Register(new Info(family, family.Schema.WithValues([.. labels.Select(label => label.Value)])));
    }

    private T Register<T>(T instrument)
        where T : IInstrument
    {
        _registry.Register(instrument);
        return instrument;
    }
}
