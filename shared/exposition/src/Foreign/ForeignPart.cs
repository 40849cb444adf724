namespace CiMetrics.Exposition;

/// <summary>The end of a body: the foreign families, for whose names the registry's own give way.</summary>
internal sealed class ForeignPart(ChunkPool pool)
{
    private readonly ChunkWriter _output = new(pool);

    /// <summary>Where they come from; null: there are none.</summary>
    public IForeignFamilies? Source { get; set; }

    /// <summary>Drops of the registry's families those that would clash, and returns what stands in their place.</summary>
    public IReadOnlyList<ForeignFamily> Replace(IEnumerable<FamilySegment> segments)
    {
        if (Source is not { } source || source.Families is not { Count: > 0 } families)
            return [];
        var claims = families.SelectMany(family => family.Claims).ToHashSet(StringComparer.Ordinal);
        int replaced = 0;
        foreach (FamilySegment segment in segments)
        {
            if (segment.IsEmpty || !segment.Family.ClaimedNames().Any(claims.Contains))
                continue;
            segment.Discard();
            replaced++;
        }

        source.Replaced(replaced);
        return families;
    }

    /// <summary>Appends them.</summary>
    public void Write(IReadOnlyList<ForeignFamily> families, bool openMetrics, SharedBody body)
    {
        // Copied: the pool takes the chunks of a body for its own.
        foreach (ForeignFamily family in families)
            _output.Append(openMetrics ? family.OpenMetrics : family.Text);
        _output.MoveTo(body);
    }
}
