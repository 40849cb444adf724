namespace CiMetrics.AlloyRunner.Observing;

/// <summary>What a container does for a job.</summary>
internal enum ContainerKind
{
    /// <summary>Runs the job's own script, and its after_script in a second run.</summary>
    Build,

    /// <summary>Runs what the runner does for it: sources, caches, artifacts; a run for each.</summary>
    Helper,
}

/// <summary>A container that an executor made for a job.</summary>
/// <param name="Id">The engine's identifier.</param>
/// <param name="Job">The job.</param>
/// <param name="Kind">What it does.</param>
internal sealed record JobContainer(string Id, long Job, ContainerKind Kind)
{
    /// <summary>How the names of such containers begin, as a Go regular expression.</summary>
    public const string Names = "^/?runner-";

    private const string JobLabel = "-runner.job.id";

    /// <summary>
    /// Reads the labels that the executor gives its containers; null where it is another container, a job's service or
    /// its cache. The family's runners differ in what stands before <c>-runner</c>.
    /// </summary>
    public static JobContainer? Of(string id, IReadOnlyDictionary<string, string> labels)
    {
        foreach ((string key, string value) in labels)
        {
            if (!key.EndsWith(JobLabel, StringComparison.Ordinal) || !long.TryParse(value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long job)) continue;
            return labels.GetValueOrDefault(string.Concat(key.AsSpan(0, key.Length - "job.id".Length), "type")) switch
            {
                "build" => new JobContainer(id, job, ContainerKind.Build),
                "predefined" or "helper" => new JobContainer(id, job, ContainerKind.Helper),
                _ => null,
            };
        }
        return null;
    }
}
