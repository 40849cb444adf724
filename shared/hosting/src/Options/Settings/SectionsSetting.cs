namespace CiMetrics.Hosting;

/// <summary>
/// Named groups of keys and values: a mapping of mappings in the file, <c>name.key=value</c> elsewhere. They are merged
/// per name and key, the stronger source winning. Values are never shown: some of them may be secrets.
/// </summary>
internal sealed class SectionsSetting(string name, string help, IReadOnlyList<string> keys)
    : Setting<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>(
        name, help, SettingShape.Sections, "name.key=value", new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal))
{
    private const int LongestName = 100;

    /// <inheritdoc/>
    internal override string? DefaultText => null;

    private protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Read(
        IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var sections = new SortedDictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var raw in values)
        {
            var (section, key, text) = Split(raw);
            if (section is not { Length: > 0 and <= LongestName })
                problems.Add(new Problem(raw.Where, $"must be name.key=value, with a name of up to {LongestName} characters"));
            else if (!keys.Contains(key, StringComparer.Ordinal))
                problems.Add(new Problem(raw.Where, "is not known" + Nearest.Hint(key, keys) + "; allowed: " + string.Join(", ", keys), Shown.Quoted(section + "." + key)));
            else if (text.Length == 0)
                problems.Add(new Problem(raw.Where, "must have a value", Shown.Quoted(section + "." + key)));
            else if (!Section(sections, section).TryAdd(key, text))
                problems.Add(new Problem(raw.Where, "must not be given twice", Shown.Quoted(section + "." + key)));
        }
        return sections;
    }

    private protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Combine(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> weaker, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> stronger)
    {
        var merged = new SortedDictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (section, entries) in weaker.Concat(stronger))
        {
            foreach (var (key, text) in entries)
                Section(merged, section)[key] = text;
        }
        return merged;
    }

    private static SortedDictionary<string, string> Section(SortedDictionary<string, IReadOnlyDictionary<string, string>> sections, string name)
    {
        if (sections.TryGetValue(name, out var known))
            return (SortedDictionary<string, string>)known;
        var added = new SortedDictionary<string, string>(StringComparer.Ordinal);
        sections.Add(name, added);
        return added;
    }

    // A name may hold dots, a key does not.
    private static (string? Section, string Key, string Text) Split(RawValue raw)
    {
        var at = raw.Key is null ? raw.Text.IndexOf('=', StringComparison.Ordinal) : -1;
        var path = raw.Key ?? (at >= 0 ? raw.Text[..at].Trim() : "");
        var dot = path.LastIndexOf('.');
        return dot < 0 ? (null, "", "") : (path[..dot], path[(dot + 1)..], raw.Key is null ? raw.Text[(at + 1)..] : raw.Text);
    }
}
