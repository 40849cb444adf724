namespace CiMetrics.Hosting;

/// <summary>
/// A mapping of a file that is read key by key. Each mistake names place, key and rule; what nobody asked for by
/// <see cref="RefuseOthers"/> is not known. A key that is there has a value: an empty one is more often an accident.
/// </summary>
internal sealed class YamlSection(string file, string path, YamlMapping mapping, List<Problem> problems)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unsupported = new(StringComparer.Ordinal);

    /// <summary>The entries as they stand, for mappings whose keys the user chooses; all become known.</summary>
    public IEnumerable<YamlEntry> Entries
    {
        get
        {
            _known.UnionWith(mapping.Entries.Select(entry => entry.Key));
            return mapping.Entries;
        }
    }

    /// <summary>True when the key is there, whatever its value; it becomes known.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The text of a key, or null when it is absent or mistaken.</summary>
    public string? Text(string key) => Find(key) is { } entry ? Scalar(entry.Value, key)?.Text : null;

    /// <summary>True or false, or a default for an absent key.</summary>
    public bool Boolean(string key, bool otherwise)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (Readers.Boolean(text, out var value) is not { } rule)
            return value;
        Refuse(key, rule, text);
        return otherwise;
    }

    /// <summary>One of the words, or the first of them for an absent key.</summary>
    public string Word(string key, params string[] words)
    {
        if (Text(key) is not { } text)
            return words[0];
        if (words.Contains(text, StringComparer.Ordinal))
            return text;
        Refuse(key, "must be one of " + string.Join(", ", words) + Nearest.Hint(text, words), text);
        return words[0];
    }

    /// <summary>The items of a list, none for an absent key; an empty list is a mistake.</summary>
    public IReadOnlyList<YamlScalar> List(string key)
    {
        if (Find(key) is not { } entry)
            return [];
        if (entry.Value is not YamlSequence { Items.Count: > 0 } list)
        {
            Refuse(key, "must be a list of at least one value");
            return [];
        }
        return [.. list.Items.Select(item => Scalar(item, key)).OfType<YamlScalar>()];
    }

    /// <summary>A mapping below this one, or null when it is absent or mistaken; an empty one is a mistake.</summary>
    public YamlSection? Section(string key)
    {
        if (Find(key) is not { } entry)
            return null;
        if (entry.Value is YamlMapping { Entries.Count: > 0 } inner)
            return new YamlSection(file, Field(key), inner, problems);
        Refuse(key, "must be a mapping of at least one key");
        return null;
    }

    /// <summary>Says what is wrong with the value of a key.</summary>
    public void Refuse(string key, string rule, string? value = null)
    {
        var node = Find(key)?.Value ?? mapping;
        Refuse(node, key, rule, value);
    }

    /// <summary>Says what is wrong with a value.</summary>
    public void Refuse(YamlNode node, string key, string rule, string? value = null) =>
        problems.Add(new Problem(YamlReader.Place(file, node.Line, node.Column), rule, Field(key), value));

    /// <summary>Says what is wrong with a key that the user chose.</summary>
    public void Refuse(YamlEntry entry, string rule) =>
        problems.Add(new Problem(YamlReader.Place(file, entry.Line, entry.Column), rule, Shown.Quoted(Field(entry.Key))));

    /// <summary>Refuses a key that other programs know and this one does not.</summary>
    public void RefuseUnsupported(string key, string reason)
    {
        if (Has(key))
            Refuse(key, "is not supported: " + reason);
        _unsupported.Add(key);
    }

    /// <summary>Says what is wrong with the mapping as a whole.</summary>
    public void Refuse(string rule) =>
        problems.Add(new Problem(YamlReader.Place(file, mapping.Line, mapping.Column), rule, path.Length == 0 ? null : path));

    /// <summary>Refuses every key that was not asked for.</summary>
    public void RefuseOthers()
    {
        var allowed = _known.Except(_unsupported, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        foreach (var entry in mapping.Entries.Where(entry => !_known.Contains(entry.Key)))
        {
            problems.Add(new Problem(
                YamlReader.Place(file, entry.Line, entry.Column),
                "is not known" + Nearest.Hint(entry.Key, allowed) + "; allowed: " + string.Join(", ", allowed),
                Shown.Quoted(Field(entry.Key))));
        }
    }

    /// <summary>The text of a value that must be a single one; null after a mistake.</summary>
    public YamlScalar? Scalar(YamlNode node, string key)
    {
        if (node is YamlScalar { IsNull: false, Text.Length: > 0 } scalar)
            return scalar;
        Refuse(node, key, node is YamlScalar ? "must have a value" : "must be a single value, not a list or a mapping");
        return null;
    }

    private string Field(string key) => path.Length == 0 ? key : path + "." + key;

    private YamlEntry? Find(string key)
    {
        _known.Add(key);
        return mapping.Entries.FirstOrDefault(entry => entry.Key == key);
    }
}
