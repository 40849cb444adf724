namespace CiMetrics.Exposition;

/// <summary>A value that goes up and down. Thread-safe.</summary>
public sealed class Gauge : Instrument<Gauge.Child>
{
    internal Gauge(MetricFamily family)
        : base(family, labels => new Child(labels))
    {
    }

    /// <inheritdoc cref="Child.Value"/>
    public double Value => Unlabelled.Value;

    /// <inheritdoc cref="Child.Set"/>
    public void Set(double value) => Unlabelled.Set(value);

    /// <inheritdoc cref="Child.Inc"/>
    public void Inc(double amount = 1) => Unlabelled.Inc(amount);

    /// <inheritdoc cref="Child.Dec"/>
    public void Dec(double amount = 1) => Unlabelled.Dec(amount);

    private protected override void WriteTo(FamilySegment segment, ReadOnlySpan<Child> children)
    {
        foreach (Child child in children)
            segment.Write(child.Labels, child.Value);
    }

    /// <summary>One series of a gauge.</summary>
    public sealed class Child
    {
        private AtomicDouble _value;

        internal Child(LabelSet labels) => Labels = labels;

        /// <summary>The value now.</summary>
        public double Value => _value.Value;

        internal LabelSet Labels { get; }

        /// <summary>Sets the value; any double, NaN included.</summary>
        public void Set(double value) => _value.Value = value;

        /// <summary>Adds the amount.</summary>
        public void Inc(double amount = 1) => _value.Add(amount);

        /// <summary>Subtracts the amount.</summary>
        public void Dec(double amount = 1) => _value.Add(-amount);
    }
}
