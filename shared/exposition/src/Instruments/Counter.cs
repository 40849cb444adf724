namespace CiMetrics.Exposition;

/// <summary>A value that only grows. Thread-safe.</summary>
public sealed class Counter : Instrument<Counter.Child>
{
    internal Counter(MetricFamily family, RegistryOptions options)
        : base(family, labels => new Child(labels, options))
    {
    }

    /// <inheritdoc cref="Child.Value"/>
    public double Value => Unlabelled.Value;

    /// <inheritdoc cref="Child.Inc"/>
    public void Inc(double amount = 1, params ReadOnlySpan<(string Name, string Value)> exemplar) => Unlabelled.Inc(amount, exemplar);

    private protected override void WriteTo(FamilySegment segment, ReadOnlySpan<Child> children)
    {
        foreach (Child child in children)
            segment.WriteCounter(child.Labels, child.Value, child.Exemplar, child.Created);
    }

    /// <summary>One series of a counter.</summary>
    public sealed class Child
    {
        private readonly RegistryOptions _options;
        private AtomicDouble _value;
        private Exemplar? _exemplar;

        internal Child(LabelSet labels, RegistryOptions options)
        {
            _options = options;
            Labels = labels;
            Created = options.Time.GetUtcNow();
        }

        /// <summary>The value now.</summary>
        public double Value => _value.Value;

        internal LabelSet Labels { get; }

        internal DateTimeOffset Created { get; }

        internal Exemplar? Exemplar => Volatile.Read(ref _exemplar);

        /// <summary>Adds the amount.</summary>
        /// <param name="amount">Zero or more.</param>
        /// <param name="exemplar">What was counted, such as a trace; kept only where the registry shows exemplars. At most 128 characters.</param>
        /// <exception cref="ArgumentOutOfRangeException">The amount is negative or NaN.</exception>
        public void Inc(double amount = 1, params ReadOnlySpan<(string Name, string Value)> exemplar)
        {
            if (!(amount >= 0))
                throw new ArgumentOutOfRangeException(nameof(amount), amount, "a counter only grows");
            if (exemplar.Length > 0 && _options.Exemplars)
                Volatile.Write(ref _exemplar, new Exemplar(amount, _options.Time.GetUtcNow(), exemplar));
            _value.Add(amount);
        }
    }
}
