namespace CiMetrics.Exposition;

/// <summary>Asks every source for its samples and makes a body of them. Sources may be added at any time; only one gather runs at a time.</summary>
internal sealed class Gatherer(ChunkPool pool, Source errors, Action<string, Exception> onFailure)
{
    private static readonly byte[] EndOfFile = "# EOF\n"u8.ToArray();

    // Replaced as a whole, so that a gather sees one state of it.
    private volatile Plan _plan = Plan.Of([], errors);

    public bool HasCollector(string name) =>
        _plan.Sources.Any(source => source is CollectorSource && string.Equals(source.Name, name, StringComparison.Ordinal));

    /// <summary>Adds a source. Calls do not overlap.</summary>
    public void Add(Source source) => _plan = Plan.Of([.. _plan.Sources, source], errors);

    /// <summary>Gathers a body that nobody holds yet.</summary>
    public SharedBody Gather(GatherMode mode)
    {
        Plan plan = _plan;
        foreach (Source source in plan.Sources)
            Write(source, mode);

        // Last, so that this body tells of its own failures.
        Write(errors, mode);
        SharedBody body = pool.RentBody();
        foreach (FamilySegment segment in plan.Ordered)
            segment.Commit(body);
        if (mode.OpenMetrics)
            body.Add(EndOfFile);
        pool.Trim();
        return body;
    }

    private void Write(Source source, GatherMode mode)
    {
        foreach (FamilySegment segment in source.Segments)
            segment.Begin(mode);
        try
        {
            source.Write();
        }
        catch (Exception e)
        {
            foreach (FamilySegment segment in source.Segments)
                segment.Discard();
            onFailure(source.Name, e);
        }
    }

    private sealed record Plan(Source[] Sources, FamilySegment[] Ordered)
    {
        public static Plan Of(Source[] sources, Source errors) => new(
            sources,
            [.. sources.Append(errors).SelectMany(source => source.Segments).OrderBy(segment => segment.Family.Name, StringComparer.Ordinal)]);
    }
}
