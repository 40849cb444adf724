namespace CiMetrics.Exposition;

/// <summary>What must hold of a family for parsers of both formats to take it as it is meant.</summary>
internal static class ForeignRules
{
    public static bool Hold(ForeignLinesOfFamily family, IReadOnlyDictionary<string, string> statics) =>
        !family.IsBroken
        && family.Samples.TrueForAll(sample => family.Owns(sample.Name) && LabelsHold(family, sample, statics))
        && family.Samples.Select(sample => sample.Name + "\x3" + sample.KeyWithout(null)).Distinct(StringComparer.Ordinal).Count() == family.Samples.Count
        && ValuesHold(family);

    /// <summary>The label that tells the series of one histogram or summary apart; null for other types and for the other series.</summary>
    public static string? OwnLabel(ForeignLinesOfFamily family, ForeignSample sample) => family.Type switch
    {
        "histogram" when string.Equals(sample.Name, family.Name + "_bucket", StringComparison.Ordinal) => "le",
        "summary" when string.Equals(sample.Name, family.Name, StringComparison.Ordinal) => "quantile",
        _ => null,
    };

    private static bool LabelsHold(ForeignLinesOfFamily family, ForeignSample sample, IReadOnlyDictionary<string, string> statics)
    {
        string? own = OwnLabel(family, sample);
        return (own is null || (sample[own] is { } bound && ForeignSample.Number(bound) is { } number && !double.IsNaN(number)))
            && sample.Labels.All(label => (label.Key == own || Names.LabelNameProblem(label.Key) is null) && !statics.ContainsKey(label.Key));
    }

    private static bool ValuesHold(ForeignLinesOfFamily family) => family.Type switch
    {
        "counter" => family.Samples.TrueForAll(sample => sample.Value >= 0),
        "histogram" => family.Samples.GroupBy(sample => sample.KeyWithout("le"), StringComparer.Ordinal).All(series => HistogramHolds(family.Name, [.. series])),
        "summary" => family.Samples.GroupBy(sample => sample.KeyWithout("quantile"), StringComparer.Ordinal).All(series => SummaryHolds(family.Name, [.. series])),
        _ => true,
    };

    private static bool HistogramHolds(string name, ForeignSample[] series)
    {
        double[] bounds = [.. Buckets().Select(bucket => ForeignSample.Number(bucket["le"])!.Value)];
        double[] counts = [.. Buckets().Select(bucket => bucket.Value)];
        return bounds.Length > 0 && double.IsPositiveInfinity(bounds[^1]) && bounds[0] >= 0 && counts[0] >= 0
            && bounds.Zip(bounds.Skip(1)).All(pair => pair.First < pair.Second)
            && counts.Zip(counts.Skip(1)).All(pair => pair.First <= pair.Second)
            && double.IsFinite(counts[^1])
            && Of("_count").SingleOrDefault() is { } count && count.Value.Equals(counts[^1])
            && Of("_sum").Any();

        IEnumerable<ForeignSample> Of(string suffix) => series.Where(sample => string.Equals(sample.Name, name + suffix, StringComparison.Ordinal));
        IEnumerable<ForeignSample> Buckets() => Of("_bucket");
    }

    private static bool SummaryHolds(string name, ForeignSample[] series) =>
        series.Where(sample => string.Equals(sample.Name, name, StringComparison.Ordinal)).All(sample => ForeignSample.Number(sample["quantile"]) is >= 0 and <= 1)
        && series.Count(sample => string.Equals(sample.Name, name + "_sum", StringComparison.Ordinal)) == 1
        && series.Any(sample => string.Equals(sample.Name, name + "_count", StringComparison.Ordinal) && sample.Value >= 0);
}
