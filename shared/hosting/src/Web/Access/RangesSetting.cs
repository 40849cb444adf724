namespace CiMetrics.Hosting;

/// <summary>Address ranges: repeatable, and separated by commas as well, as users of <c>-white-list a,b</c> write them.</summary>
internal sealed class RangesSetting(string name, string help)
    : Setting<IReadOnlyList<AddressRange>>(name, help, SettingShape.List, "range", [])
{
    /// <inheritdoc/>
    internal override string? DefaultText => null;

    // An empty text is a mistake: a list that is empty by accident would let everybody in.
    private protected override IReadOnlyList<AddressRange> Read(IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var ranges = new List<AddressRange>();
        foreach (var raw in values)
        {
            foreach (var text in raw.Text.Split(','))
            {
                if (AddressRange.TryParse(text, out var range))
                    ranges.Add(range);
                else
                    problems.Add(new Problem(raw.Where, AddressRange.Rule, Value: text));
            }
        }
        return ranges;
    }
}
