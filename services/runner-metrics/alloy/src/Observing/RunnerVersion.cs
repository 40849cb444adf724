namespace CiMetrics.AlloyRunner.Observing;

/// <summary>What the runner's program says of itself (<c>--version</c>).</summary>
internal sealed record RunnerVersion(
    string Name, string Version, string Revision, string Branch, string GoVersion, string BuiltAt, string Os, string Architecture)
{
    private const int LongestValue = 100;

    /// <summary>Reads the text; null where it is none of this family.</summary>
    /// <param name="name">The executable's base name.</param>
    /// <param name="text">What was printed.</param>
    public static RunnerVersion? Parse(string name, string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) continue;
            string value = line[(colon + 1)..].Trim();
            values.TryAdd(line[..colon].Trim(), value[..Math.Min(value.Length, LongestValue)]);
        }
        if (!values.TryGetValue("Version", out string? version) || !values.TryGetValue("GO version", out string? goVersion)) return null;
        string[] platform = values.GetValueOrDefault("OS/Arch", "").Split('/', 2);
        return new RunnerVersion(
            name, version, values.GetValueOrDefault("Git revision", ""), values.GetValueOrDefault("Git branch", ""), goVersion,
            values.GetValueOrDefault("Built", ""), platform[0], platform.ElementAtOrDefault(1) ?? "");
    }
}
