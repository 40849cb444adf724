namespace CiMetrics.Hosting;

/// <summary>A value of a YAML document and where it stands, counted from one.</summary>
internal abstract record YamlNode(int Line, int Column);

/// <summary>A plain value: numbers and booleans stay the text that they are.</summary>
internal sealed record YamlScalar(string Text, bool IsNull, int Line, int Column) : YamlNode(Line, Column);

/// <summary>A list.</summary>
internal sealed record YamlSequence(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column);

/// <summary>Keys and their values in the order of the document.</summary>
internal sealed record YamlMapping(IReadOnlyList<YamlEntry> Entries, int Line, int Column) : YamlNode(Line, Column);

/// <summary>One key of a mapping, where it stands, and its value.</summary>
internal sealed record YamlEntry(string Key, YamlNode Value, int Line, int Column);
