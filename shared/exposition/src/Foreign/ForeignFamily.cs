namespace CiMetrics.Exposition;

/// <summary>A whole family of another program, checked and written anew in both formats.</summary>
public sealed class ForeignFamily
{
    internal ForeignFamily(string name, IReadOnlyList<string> claims, byte[] text, byte[] openMetrics)
    {
        Name = name;
        Claims = claims;
        Text = text;
        OpenMetrics = openMetrics;
    }

    /// <summary>The name as the text format has it.</summary>
    public string Name { get; }

    /// <summary>Every name that a parser takes for this family.</summary>
    internal IReadOnlyList<string> Claims { get; }

    internal byte[] Text { get; }

    internal byte[] OpenMetrics { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What another program's text holds.</summary>
/// <param name="Families">The families that are whole and without mistakes; none of them clashes with another.</param>
/// <param name="Malformed">How many there were besides.</param>
public sealed record ForeignScrape(IReadOnlyList<ForeignFamily> Families, int Malformed);
