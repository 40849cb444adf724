namespace CiMetrics.Exposition;

/// <summary>A metric family: name, HELP text, type and label names. Immutable; one instance may be used in several registries.</summary>
public sealed class MetricFamily
{
    /// <summary>Creates a family.</summary>
    /// <param name="name">The name as the series carry it: of a counter with its <c>_total</c>, of an info with its <c>_info</c>, of a histogram without <c>_bucket</c>.</param>
    /// <param name="help">The HELP text; any text, it is escaped.</param>
    /// <param name="type">What it measures.</param>
    /// <param name="schema">The label names.</param>
    /// <exception cref="ArgumentException">The name is invalid, or an info's name does not end in <c>_info</c>.</exception>
    public MetricFamily(string name, string help, MetricType type, LabelSchema schema)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(help);
        ArgumentNullException.ThrowIfNull(schema);
        if (!Names.IsMetricName(name))
            throw new ArgumentException($"metric name '{name}' must match [a-zA-Z_:][a-zA-Z0-9_:]*", nameof(name));
        Name = name;
        Help = help;
        Type = type;
        Schema = schema;
        OpenMetricsType = type == MetricType.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? "unknown" : TypeName(type);
        OpenMetricsName = BaseName(name, OpenMetricsType);
        if (!Names.IsMetricName(OpenMetricsName))
            throw new ArgumentException($"metric name '{name}' has no base before its suffix", nameof(name));
    }

    /// <summary>Creates a family with label names of its own.</summary>
    /// <exception cref="ArgumentException">A name is invalid, reserved or there twice.</exception>
    public MetricFamily(string name, string help, MetricType type, params string[] labelNames)
        : this(name, help, type, SchemaOf(name, labelNames))
    {
    }

    /// <summary>The name as the text format and the series carry it.</summary>
    public string Name { get; }

    /// <summary>The HELP text, not escaped.</summary>
    public string Help { get; }

    /// <summary>What it measures.</summary>
    public MetricType Type { get; }

    /// <summary>The label names.</summary>
    public LabelSchema Schema { get; }

    /// <summary>The family's name in OpenMetrics: without <c>_total</c> or <c>_info</c>, which belong to the series there.</summary>
    internal string OpenMetricsName { get; }

    internal string OpenMetricsType { get; }

    /// <summary>Whether OpenMetrics lets this family carry exemplars and <c>_created</c> series.</summary>
    internal bool HasOpenMetricsExtras => Type == MetricType.Histogram || (Type == MetricType.Counter && OpenMetricsType == "counter");

    internal string TextType => Type == MetricType.Info ? "gauge" : TypeName(Type);

    /// <summary>
    /// Every name that a parser takes for this family. The OpenMetrics parser's set contains the text parser's,
    /// so two families of one registry clash exactly when these sets meet.
    /// </summary>
    internal IEnumerable<string> ClaimedNames() =>
        Suffixes().Prepend("").Select(suffix => OpenMetricsName + suffix);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string TypeName(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge => "gauge",
        MetricType.Histogram => "histogram",
        MetricType.Info => "info",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such metric type"),
    };

    private static LabelSchema SchemaOf(string name, string[] labelNames)
    {
        try
        {
            return labelNames is null or [] ? LabelSchema.Empty : new LabelSchema(labelNames);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{name}: {e.Message}", nameof(labelNames), e);
        }
    }

    private string[] Suffixes() => Type switch
    {
        MetricType.Histogram => ["_bucket", "_count", "_sum", "_created"],
        MetricType.Counter when OpenMetricsType == "counter" => ["_total", "_created"],
        MetricType.Info => ["_info"],
        _ => [],
    };

    private static string BaseName(string name, string openMetricsType)
    {
        string suffix = openMetricsType switch { "counter" => "_total", "info" => "_info", _ => "" };
        if (!name.EndsWith(suffix, StringComparison.Ordinal))
            throw new ArgumentException($"an info's name must end in {suffix}, '{name}' does not", nameof(name));
        return name[..^suffix.Length];
    }
}
