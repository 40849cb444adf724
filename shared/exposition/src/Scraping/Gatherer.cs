namespace CiMetrics.Exposition;

/// <summary>Asks every source for its samples and makes a body of them. Sources may be added at any time; only one gather runs at a time.</summary>
internal sealed class Gatherer(ChunkPool pool, Source errors, ForeignPart foreign, Action<string, Exception> onFailure)
{
    private static readonly byte[] EndOfFile = "# EOF\n"u8.ToArray();

    private readonly Lock _lock = new();

    // Replaced as a whole, so that a gather sees one state of it.
    private volatile Plan _plan = new Plan([], errors);

    public bool HasCollector(string name) =>
        _plan.Sources.Any(source => source is CollectorSource && string.Equals(source.Name, name, StringComparison.Ordinal));

    /// <summary>Adds a source.</summary>
    public void Add(Source source)
    {
        lock (_lock)
            _plan = new Plan([.. _plan.Sources, source], errors);
    }

    /// <summary>Gathers a body that nobody holds yet.</summary>
    public SharedBody Gather(GatherMode mode)
    {
        Plan plan = _plan;
        foreach (Source source in plan.Sources)
            Write(source, mode);

        // Last, so that this body tells of its own failures.
        Write(errors, mode);
        if (plan.HasGrown)
            plan = Grown();
        IReadOnlyList<ForeignFamily> others = foreign.Replace(plan.Ordered);
        SharedBody body = pool.RentBody();
        foreach (FamilySegment segment in plan.Ordered)
            segment.Commit(body);
        if (others.Count > 0)
            foreign.Write(others, mode.OpenMetrics, body);
        if (mode.OpenMetrics)
            body.Add(EndOfFile);
        pool.Trim();
        return body;
    }

    // A source that came meanwhile is part of the result: it was not asked, and its segments are empty.
    private Plan Grown()
    {
        lock (_lock)
            return _plan = new Plan(_plan.Sources, errors);
    }

    private void Write(Source source, GatherMode mode)
    {
        source.Begin(mode);
        try
        {
            source.Write();
        }
        catch (Exception e)
        {
            source.Discard();
            onFailure(source.Name, e);
        }
    }

    private sealed class Plan
    {
        private readonly int _errorSegments;

        public Plan(Source[] sources, Source errors)
        {
            Sources = sources;
            _errorSegments = errors.Segments.Length;
            Ordered = [.. sources.Append(errors).SelectMany(source => source.Segments).OrderBy(segment => segment.Family.Name, StringComparer.Ordinal)];
        }

        public Source[] Sources { get; }

        public FamilySegment[] Ordered { get; }

        /// <summary>Whether sources have segments that came after this plan was made.</summary>
        public bool HasGrown
        {
            get
            {
                int count = _errorSegments;
                foreach (Source source in Sources)
                    count += source.Segments.Length;
                return count != Ordered.Length;
            }
        }
    }
}
