namespace CiMetrics.Exposition;

/// <summary>Which families can stand in one body. Not thread-safe.</summary>
internal sealed class FamilyRules(StaticLabels statics)
{
    private readonly Dictionary<string, MetricFamily> _claims = new(StringComparer.Ordinal);

    /// <summary>Admits families, all or none.</summary>
    /// <exception cref="ArgumentException">A family has a label that the registry adds to every series.</exception>
    /// <exception cref="InvalidOperationException">A parser would take a name for both of two families.</exception>
    public void Admit(IReadOnlyList<MetricFamily> families)
    {
        var claims = new Dictionary<string, MetricFamily>(StringComparer.Ordinal);
        foreach (MetricFamily family in families)
        {
            foreach (string label in family.Schema.LabelNames)
            {
                if (statics.Labels.ContainsKey(label))
                    throw new ArgumentException($"{family}: label '{label}' is a static label of the registry", nameof(families));
            }

            foreach (string name in family.ClaimedNames())
            {
                if (_claims.TryGetValue(name, out MetricFamily? other) || claims.TryGetValue(name, out other))
                    throw new InvalidOperationException(Clash(family, other, name));
                claims.Add(name, family);
            }
        }

        foreach ((string name, MetricFamily family) in claims)
            _claims.Add(name, family);
    }

    private static string Clash(MetricFamily family, MetricFamily other, string name) => string.Equals(family.Name, other.Name, StringComparison.Ordinal)
        ? $"{family}: a family of this name is registered already"
        : $"{family} ({family.OpenMetricsType}) clashes with {other} ({other.OpenMetricsType}): parsers take '{name}' for both";
}
