namespace CiMetrics.Hosting;

/// <summary>
/// Labels that the user adds to every series: <c>key=value</c> on the command line, a mapping in the file. They are
/// merged per name, the stronger source winning.
/// </summary>
internal sealed class LabelsSetting(string name, string help, IReadOnlyList<string> taken)
    : Setting<IReadOnlyDictionary<string, string>>(
        name, help, SettingShape.Map, "name=value", new SortedDictionary<string, string>(StringComparer.Ordinal))
{
    /// <inheritdoc/>
    internal override string? DefaultText => null;

    private protected override IReadOnlyDictionary<string, string> Read(
        IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var raw in values)
        {
            var (label, text) = Split(raw);
            if (label is null)
                problems.Add(new Problem(raw.Where, "must be name=value", Value: raw.Text));
            else if (LabelName.BrokenRule(label, taken) is { } rule)
                problems.Add(new Problem(raw.Where, rule, Value: label));
            else if (!labels.TryAdd(label, text))
                problems.Add(new Problem(raw.Where, "must not be given twice", "label " + label, text));
        }
        return labels;
    }

    private protected override IReadOnlyDictionary<string, string> Combine(
        IReadOnlyDictionary<string, string> weaker, IReadOnlyDictionary<string, string> stronger)
    {
        var merged = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (label, text) in weaker.Concat(stronger))
            merged[label] = text;
        return merged;
    }

    // Only the first '=' separates: a label's value may hold more of them.
    private static (string? Label, string Text) Split(RawValue raw) =>
        raw.Key is not null ? (raw.Key, raw.Text)
        : raw.Text.IndexOf('=', StringComparison.Ordinal) is var at and >= 0 ? (raw.Text[..at].Trim(), raw.Text[(at + 1)..])
        : (null, "");
}
