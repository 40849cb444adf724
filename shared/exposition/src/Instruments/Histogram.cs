namespace CiMetrics.Exposition;

/// <summary>Observed values, counted in buckets. Thread-safe.</summary>
public sealed class Histogram : Instrument<Histogram.Child>
{
    private readonly BucketBounds _bounds;
    private readonly long[] _counts;
    private readonly Exemplar?[] _exemplars;

    internal Histogram(MetricFamily family, BucketBounds bounds, RegistryOptions options)
        : base(family, labels => new Child(labels, bounds, options))
    {
        _bounds = bounds;
        _counts = new long[bounds.BucketCount];
        _exemplars = options.Exemplars ? new Exemplar?[bounds.BucketCount] : [];
    }

    /// <inheritdoc cref="Child.Sum"/>
    public double Sum => Unlabelled.Sum;

    /// <inheritdoc cref="Child.Count"/>
    public long Count => Unlabelled.Count;

    /// <inheritdoc cref="Child.Observe"/>
    public void Observe(double value, params ReadOnlySpan<(string Name, string Value)> exemplar) => Unlabelled.Observe(value, exemplar);

    private protected override void WriteTo(FamilySegment segment, ReadOnlySpan<Child> children)
    {
        foreach (Child child in children)
        {
            double sum = child.Read(_counts, _exemplars);
            segment.WriteHistogram(child.Labels, _bounds, _counts, sum, _exemplars, child.Created);
        }
    }

    /// <summary>The histogram of one label set.</summary>
    public sealed class Child
    {
        private readonly Lock _lock = new();
        private readonly RegistryOptions _options;
        private readonly BucketBounds _bounds;
        private readonly long[] _counts;
        private readonly Exemplar?[] _exemplars;
        private double _sum;

        internal Child(LabelSet labels, BucketBounds bounds, RegistryOptions options)
        {
            Labels = labels;
            _bounds = bounds;
            _options = options;
            _counts = new long[bounds.BucketCount];
            _exemplars = options.Exemplars ? new Exemplar?[bounds.BucketCount] : [];
            Created = options.Time.GetUtcNow();
        }

        /// <summary>Sum of the observed values.</summary>
        public double Sum
        {
            get
            {
                lock (_lock)
                    return _sum;
            }
        }

        /// <summary>Number of observations.</summary>
        public long Count
        {
            get
            {
                lock (_lock)
                    return _counts.Sum();
            }
        }

        internal LabelSet Labels { get; }

        internal DateTimeOffset Created { get; }

        /// <summary>Counts a value.</summary>
        /// <param name="value">Zero or more: with negative values the sum would not grow, and OpenMetrics parsers refuse a negative one.</param>
        /// <param name="exemplar">What was observed, such as a trace; kept only where the registry shows exemplars. At most 128 characters.</param>
        /// <exception cref="ArgumentOutOfRangeException">The value is negative or NaN.</exception>
        public void Observe(double value, params ReadOnlySpan<(string Name, string Value)> exemplar)
        {
            if (!(value >= 0))
                throw new ArgumentOutOfRangeException(nameof(value), value, "a histogram observes values of zero or more");
            int bucket = _bounds.IndexOf(value);
            Exemplar? example = exemplar.Length > 0 && _options.Exemplars ? new Exemplar(value, _options.Time.GetUtcNow(), exemplar) : null;
            lock (_lock)
            {
                _counts[bucket]++;
                _sum += value;
                if (example is not null)
                    _exemplars[bucket] = example;
            }
        }

        /// <summary>Copies the buckets at one moment; returns the sum of the same moment.</summary>
        internal double Read(Span<long> counts, Span<Exemplar?> exemplars)
        {
            lock (_lock)
            {
                _counts.CopyTo(counts);
                _exemplars.CopyTo(exemplars);
                return _sum;
            }
        }
    }
}
