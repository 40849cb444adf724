using CiMetrics.Exposition;

namespace CiMetrics.Receiver.Metrics;

/// <summary>The two families of a job's name, as the users' document has them.</summary>
internal sealed class JobFamilies
{
    /// <summary>Labels of the counter.</summary>
    public static readonly LabelSchema CounterLabels = new("project", "status");

    /// <summary>Labels of the histogram.</summary>
    public static readonly LabelSchema DurationLabels = new("status");

    /// <summary>The families of a name.</summary>
    public JobFamilies(string name)
    {
        string words = name.Replace('_', ' ');
        Total = new MetricFamily($"ci_{name}_total", $"The number of {words} used", MetricType.Counter, CounterLabels);
        Duration = new MetricFamily($"ci_{name}_duration", $"The duration of the {words} usage", MetricType.Histogram, DurationLabels);
    }

    /// <summary>How many jobs, by project and status.</summary>
    public MetricFamily Total { get; }

    /// <summary>How long they took, in seconds, by status.</summary>
    public MetricFamily Duration { get; }
}
