namespace CiMetrics.Hosting;

/// <summary>A repeatable setting: a stronger source replaces the whole list of a weaker one.</summary>
internal sealed class ListSetting<T>(
    string name,
    string help,
    string placeholder,
    IReadOnlyList<T> defaultValue,
    string? defaultText,
    Reader<T> reader)
    : Setting<IReadOnlyList<T>>(name, help, SettingShape.List, placeholder, defaultValue)
{
    /// <inheritdoc/>
    internal override string? DefaultText => defaultText;

    private protected override IReadOnlyList<T> Read(IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var result = new List<T>(values.Count);
        foreach (var raw in values)
        {
            if (reader(raw.Text, out var item) is { } rule)
                problems.Add(new Problem(raw.Where, rule, Value: raw.Text));
            else
                result.Add(item);
        }
        return result;
    }
}
