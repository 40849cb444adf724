namespace CiMetrics.Exposition;

/// <summary>What a foreign family is called in OpenMetrics, and every name that parsers take for it.</summary>
internal sealed record ForeignNames(string OpenMetricsName, string OpenMetricsType, IReadOnlyList<string> Claims)
{
    private const string Total = "_total";

    /// <summary>Takes the names of a family; null where another has one of them.</summary>
    public static ForeignNames? Of(ForeignLinesOfFamily family, HashSet<string> taken)
    {
        foreach (ForeignNames names in Possible(family))
        {
            if (names.Claims.Any(taken.Contains))
                continue;
            taken.UnionWith(names.Claims);
            return names;
        }

        return null;
    }

    private static IEnumerable<ForeignNames> Possible(ForeignLinesOfFamily family)
    {
        string name = family.Name;
        switch (family.Type)
        {
            case "histogram":
                yield return new ForeignNames(name, "histogram", [name, name + "_bucket", name + "_count", name + "_sum", name + "_created"]);
                break;
            case "summary":
                yield return new ForeignNames(name, "summary", [name, name + "_count", name + "_sum", name + "_created"]);
                break;
            case "gauge":
                yield return new ForeignNames(name, "gauge", [name]);
                break;
            case "counter":
                if (name.EndsWith(Total, StringComparison.Ordinal) && Names.IsMetricName(name[..^Total.Length]))
                    yield return new ForeignNames(name[..^Total.Length], "counter", [name[..^Total.Length], name, name[..^Total.Length] + "_created"]);
                yield return new ForeignNames(name, "unknown", [name]);
                break;
            default:
                yield return new ForeignNames(name, "unknown", [name]);
                break;
        }
    }
}
