using System.Diagnostics.CodeAnalysis;

namespace CiMetrics.Exposition;

/// <summary>
/// What an <see cref="ICollector"/> writes its samples to. Each call is checked; a call that breaks a rule throws,
/// and the collector has failed even if it catches that. Use it only within <see cref="ICollector.Collect"/>.
/// </summary>
public sealed class MetricWriter
{
    private readonly Dictionary<MetricFamily, FamilySegment> _segments = new(ReferenceEqualityComparer.Instance);
    private readonly Func<MetricFamily, FamilySegment>? _admit;
    private MetricFamily? _lastFamily;
    private FamilySegment? _lastSegment;

    internal MetricWriter(IEnumerable<FamilySegment> segments, Func<MetricFamily, FamilySegment>? admit)
    {
        _admit = admit;
        foreach (FamilySegment segment in segments)
            _segments.Add(segment.Family, segment);
    }

    /// <summary>The first rule that was broken in this gather.</summary>
    internal InvalidOperationException? Violation { get; private set; }

    /// <summary>Writes a sample of a counter, gauge or info.</summary>
    /// <param name="family">A declared family that is no histogram.</param>
    /// <param name="labels">A label set of the family's schema, not written before.</param>
    /// <param name="value">Of a counter not negative and not NaN; of an info 1.</param>
    /// <exception cref="InvalidOperationException">A rule is broken.</exception>
    public void Write(MetricFamily family, LabelSet labels, double value)
    {
        FamilySegment segment = Series(family, labels);
        CheckValue(family, labels, value);
        segment.Write(labels, value);
    }

    /// <inheritdoc cref="Write(MetricFamily, LabelSet, double)"/>
    public void Write(MetricFamily family, LabelSet labels, long value)
    {
        FamilySegment segment = Series(family, labels);
        CheckValue(family, labels, value);
        segment.Write(labels, value);
    }

    /// <summary>Writes the sample of a family without labels.</summary>
    /// <inheritdoc cref="Write(MetricFamily, LabelSet, double)"/>
    public void Write(MetricFamily family, double value) => Write(family, LabelSet.Empty, value);

    /// <summary>Writes the sample of a family without labels.</summary>
    /// <inheritdoc cref="Write(MetricFamily, LabelSet, double)"/>
    public void Write(MetricFamily family, long value) => Write(family, LabelSet.Empty, value);

    /// <summary>Writes a counter with what only OpenMetrics shows: an exemplar, and when it began to count.</summary>
    /// <inheritdoc cref="Write(MetricFamily, LabelSet, double)"/>
    public void WriteCounter(MetricFamily family, LabelSet labels, double value, Exemplar? exemplar, DateTimeOffset? created = null)
    {
        FamilySegment segment = Series(family, labels);
        if (family.Type != MetricType.Counter)
            Fail($"{family} is no counter");
        CheckValue(family, labels, value);
        segment.WriteCounter(labels, value, exemplar, created);
    }

    /// <summary>Writes a histogram.</summary>
    /// <param name="family">A declared family of type histogram.</param>
    /// <param name="labels">A label set of the family's schema, not written before.</param>
    /// <param name="bounds">The buckets' bounds; keep them, they are encoded once.</param>
    /// <param name="counts">Observations per bucket, not cumulative: one number per bound and a last one for values above all bounds.</param>
    /// <param name="sum">Sum of the observed values.</param>
    /// <param name="exemplars">One per bucket, or none; shown in OpenMetrics only.</param>
    /// <param name="created">When it began to count; shown in OpenMetrics only.</param>
    /// <exception cref="InvalidOperationException">A rule is broken.</exception>
    public void WriteHistogram(
        MetricFamily family,
        LabelSet labels,
        BucketBounds bounds,
        ReadOnlySpan<long> counts,
        double sum,
        ReadOnlySpan<Exemplar?> exemplars = default,
        DateTimeOffset? created = null)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        FamilySegment segment = Series(family, labels, histogram: true);
        if (counts.Length != bounds.BucketCount)
            Fail($"{family}{labels}: {counts.Length} counts for {bounds.BucketCount} buckets");
        foreach (long count in counts)
        {
            if (count < 0)
                Fail($"{family}{labels}: a bucket counts {count}");
        }

        // OpenMetrics parsers refuse such a sum, and with it the whole body.
        if (!(sum >= 0))
            Fail($"{family}{labels}: the sum is {sum}");
        segment.WriteHistogram(labels, bounds, counts, sum, exemplars, created);
    }

    /// <summary>Starts a gather.</summary>
    internal void Begin() => Violation = null;

    private FamilySegment Series(MetricFamily family, LabelSet labels, bool histogram = false)
    {
        FamilySegment segment = ReferenceEquals(family, _lastFamily) ? _lastSegment! : Find(family);
        ArgumentNullException.ThrowIfNull(labels);
        if ((family.Type == MetricType.Histogram) != histogram)
            Fail(histogram ? $"{family} is no histogram" : $"{family} is a histogram: use WriteHistogram");
        if (!family.Schema.Matches(labels.Schema))
            Fail($"{family}{labels}: the family's labels are {{{string.Join(',', family.Schema.LabelNames)}}}");
        if (!segment.Series.Add(labels))
            Fail($"{family}{labels} is there twice");
        return segment;
    }

    private FamilySegment Find(MetricFamily family)
    {
        ArgumentNullException.ThrowIfNull(family);
        if (!_segments.TryGetValue(family, out FamilySegment? segment))
            segment = Admit(family);
        _lastFamily = family;
        return _lastSegment = segment;
    }

    private FamilySegment Admit(MetricFamily family)
    {
        if (_admit is null)
            Fail($"{family} is not declared by this collector");
        try
        {
            FamilySegment segment = _admit(family);
            _segments.Add(family, segment);
            return segment;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            Fail(e.Message);
            throw;
        }
    }

    private void CheckValue(MetricFamily family, LabelSet labels, double value)
    {
        if (family.Type == MetricType.Counter && !(value >= 0))
            Fail($"{family}{labels}: a counter cannot be {value}");
        if (family.Type == MetricType.Info && value != 1)
            Fail($"{family}{labels}: an info is 1, not {value}");
    }

    [DoesNotReturn]
    private void Fail(string rule)
    {
        var violation = new InvalidOperationException(rule);
        Violation ??= violation;
        throw violation;
    }
}
