namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>
/// A cgroup's path as <c>/proc/PID/cgroup</c> and mountinfo write it: relative to our cgroup namespace, so that what lies
/// above its root begins with <c>/..</c> (cgroup_namespaces(7)).
/// </summary>
/// <param name="Up">How many levels above the namespace's root it starts.</param>
/// <param name="Names">The levels from there.</param>
internal sealed record CgroupPath(int Up, string[] Names)
{
    /// <summary>Null when the path is not absolute or climbs anywhere but at its beginning.</summary>
    public static CgroupPath? TryParse(string text)
    {
        if (!text.StartsWith('/')) return null;
        string[] all = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int up = all.TakeWhile(name => name == "..").Count();
        string[] names = all[up..];
        return Array.Exists(names, name => name is ".." or ".") ? null : new(up, names);
    }

    /// <summary>
    /// The cgroup of the container with this id: the level that carries the id (<c>ID</c>, <c>docker-ID.scope</c>), also for
    /// a process that sits deeper. Null when no level does: the process is not that container's.
    /// </summary>
    public CgroupPath? OfContainer(string id)
    {
        int level = Array.FindIndex(Names, name => name.Contains(id, StringComparison.Ordinal));
        return level < 0 ? null : this with { Names = Names[..(level + 1)] };
    }

    /// <summary>
    /// The levels from <paramref name="root"/> down to this path, with the number of levels in between whose names cannot
    /// be known from inside our namespace. Null when this path does not lie below.
    /// </summary>
    public (int Unknown, string[] Names)? Below(CgroupPath root)
    {
        if (root.Up > Up) return root.Names.Length == 0 ? (root.Up - Up, Names) : null;
        bool inside = root.Up == Up && Names.AsSpan().StartsWith(root.Names);
        return inside ? (0, Names[root.Names.Length..]) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Concat(Enumerable.Repeat("/..", Up)) + "/" + string.Join('/', Names);
}
