namespace CiMetrics.Hosting;

/// <summary>Reads the configuration file and sorts its values by setting; whatever is not known is a mistake.</summary>
internal sealed class ConfigFileReader(string file, IReadOnlyList<Setting> settings, List<Problem> problems)
{
    private const int LargestFile = 1024;
    private readonly Dictionary<Setting, List<RawValue>> _values = [];

    /// <summary>The values of the file; empty when it cannot be read, which is a mistake too.</summary>
    /// <param name="path">The file.</param>
    /// <param name="where">Who named the file, for the message.</param>
    /// <param name="settings">The settings that it may give.</param>
    /// <param name="problems">Where mistakes go.</param>
    public static Dictionary<Setting, List<RawValue>> Read(
        string path, string where, IReadOnlyList<Setting> settings, List<Problem> problems)
    {
        if (BoundedFile.Read(path, LargestFile, out var rule) is { } text)
            return Parse(path, text, settings, problems);
        problems.Add(new Problem(where, rule!, Value: path));
        return [];
    }

    /// <summary>The values in a text that stands for the file.</summary>
    public static Dictionary<Setting, List<RawValue>> Parse(
        string file, string text, IReadOnlyList<Setting> settings, List<Problem> problems)
    {
        var reader = new ConfigFileReader(file, settings, problems);
        if (YamlReader.Read(file, text, problems) is { } top)
            reader.Walk(top, "");
        return reader._values;
    }

    private void Walk(YamlMapping mapping, string prefix)
    {
        foreach (var entry in mapping.Entries)
        {
            var key = prefix + entry.Key;
            if (settings.FirstOrDefault(setting => setting.FileKey == key) is { } setting)
                Take(setting, entry, key);
            else if (settings.All(setting => setting.FileKey?.StartsWith(key + ".", StringComparison.Ordinal) != true))
                problems.Add(new Problem(Place(entry), "is not known" + Hint(key, prefix), Shown.Quoted(key)));
            else if (entry.Value is YamlMapping inner)
                Walk(inner, key + ".");
            else if (entry.Value is not YamlScalar { IsNull: true })
                problems.Add(new Problem(Place(entry), "must be a mapping of keys and values", key));
        }
    }

    private void Take(Setting setting, YamlEntry entry, string key)
    {
        if (_values.ContainsKey(setting))
        {
            problems.Add(new Problem(Place(entry), "is given twice", key));
            return;
        }
        var taken = new List<RawValue>();
        switch (setting.Shape, entry.Value)
        {
            case (SettingShape.List or SettingShape.Map or SettingShape.Sections, YamlScalar { IsNull: true }):
                return;
            case (SettingShape.List, YamlSequence list):
                foreach (var item in list.Items)
                    TakeScalar(taken, item, key, null);
                break;
            case (SettingShape.Map, YamlMapping map):
                foreach (var inner in map.Entries)
                    TakeScalar(taken, inner.Value, key + "." + inner.Key, inner.Key);
                break;
            case (SettingShape.Sections, YamlMapping sections):
                foreach (var section in sections.Entries)
                    TakeSection(taken, section, key + "." + section.Key);
                break;
            case (SettingShape.Map or SettingShape.Sections, _):
                problems.Add(new Problem(Place(entry), "must be a mapping of names and values", key));
                return;
            case (SettingShape.Single or SettingShape.Switch, YamlScalar { IsNull: true }):
                problems.Add(new Problem(Place(entry), "must have a value", key));
                return;
            default:
                TakeScalar(taken, entry.Value, key, null);
                break;
        }
        _values[setting] = taken;
    }

    private void TakeSection(List<RawValue> taken, YamlEntry section, string field)
    {
        if (section.Value is not YamlMapping { Entries.Count: > 0 } entries)
        {
            problems.Add(new Problem(Place(section), "must be a mapping of keys and values", field));
            return;
        }
        foreach (var entry in entries.Entries)
            TakeScalar(taken, entry.Value, field + "." + entry.Key, section.Key + "." + entry.Key);
    }

    private void TakeScalar(List<RawValue> taken, YamlNode node, string field, string? key)
    {
        var place = YamlReader.Place(file, node.Line, node.Column);
        if (node is YamlScalar scalar)
            taken.Add(new RawValue(scalar.IsNull ? "" : scalar.Text, place + ": " + field, key));
        else
            problems.Add(new Problem(place, "must be a single value, not a list or a mapping", field));
    }

    private string Place(YamlEntry entry) => YamlReader.Place(file, entry.Line, entry.Column);

    private string Hint(string key, string prefix)
    {
        var known = settings.Select(setting => setting.FileKey).OfType<string>().ToList();
        var here = known.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => prefix + name[prefix.Length..].Split('.')[0]).Distinct(StringComparer.Ordinal);
        return Nearest.Hint(key, known) + "; allowed: " + string.Join(", ", here);
    }
}
