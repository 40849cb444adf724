namespace CiMetrics.Exposition;

/// <summary>The lines of one family.</summary>
internal sealed class ForeignLinesOfFamily(string name)
{
    private static readonly string[] Types = ["counter", "gauge", "histogram", "summary", "untyped"];
    private string? _type;

    public string Name => name;

    /// <summary>The type in the text format.</summary>
    public string Type => _type ?? "untyped";

    /// <summary>The HELP text, not escaped; null where there is none.</summary>
    public string? Help { get; private set; }

    public List<ForeignSample> Samples { get; } = [];

    /// <summary>Whether it is to be left out.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The suffixes that the series of its type have; the empty one is the name itself.</summary>
    public IReadOnlyList<string> Suffixes => Type switch
    {
        "histogram" => ["_bucket", "_sum", "_count"],
        "summary" => ["", "_sum", "_count"],
        _ => [""],
    };

    /// <summary>Whether a series of this name is one of its.</summary>
    public bool Owns(string sample) => Suffixes.Any(suffix => string.Equals(sample, name + suffix, StringComparison.Ordinal));

    public void AddHelp(string text)
    {
        IsBroken |= Help is not null || Samples.Count > 0 || (Help = ForeignSample.Unescape(text, quotes: false)) is null;
    }

    public void AddType(string type)
    {
        IsBroken |= _type is not null || Samples.Count > 0 || !Types.Contains(type, StringComparer.Ordinal);
        _type = type;
    }
}
