namespace CiMetrics.Exposition;

/// <summary>Where instruments begin. There is no default registry: a process says which one it fills.</summary>
public static class Metrics
{
    /// <summary>A factory whose instruments belong to the registry.</summary>
    public static MetricFactory WithCustomRegistry(CollectorRegistry registry) => new(registry);
}
