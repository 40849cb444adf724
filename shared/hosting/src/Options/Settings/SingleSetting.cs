namespace CiMetrics.Hosting;

/// <summary>Reads a text; returns null, or the rule that the text breaks.</summary>
internal delegate string? Reader<T>(string text, out T value);

/// <summary>A setting of one value: the last flag wins.</summary>
internal sealed class SingleSetting<T>(
    string name,
    string help,
    SettingShape shape,
    string placeholder,
    T defaultValue,
    string? defaultText,
    Reader<T> reader)
    : Setting<T>(name, help, shape, placeholder, defaultValue)
{
    /// <inheritdoc/>
    internal override string? DefaultText => defaultText;

    private protected override T Read(IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var result = default(T)!;
        foreach (var raw in values)
        {
            if (reader(raw.Text, out result) is { } rule)
                problems.Add(new Problem(raw.Where, rule, Value: raw.Text));
        }
        return result;
    }
}
