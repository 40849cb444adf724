namespace CiMetrics.GitHubRunner.State;

/// <summary>Ended jobs by repository and workflow, where somebody asks for that; bounded, because both come from outside.</summary>
internal sealed class Workloads(List<WorkloadSeries> kept, int most, bool byRepository, bool byWorkflow)
{
    /// <summary>The label of jobs of which nobody has said it.</summary>
    public const string Unknown = "unknown";

    private readonly Dictionary<(string Repository, string Workflow), WorkloadSeries> _series = kept.ToDictionary(each => (each.Repository, each.Workflow));

    public IReadOnlyCollection<WorkloadSeries> Series => _series.Values;

    /// <summary>Counts one; gives whether it was folded.</summary>
    public bool Count(JobIdentity? identity, JobResult result)
    {
        if (!byRepository && !byWorkflow) return false;
        string repository = byRepository ? Named(identity?.Repository) : "", workflow = byWorkflow ? Named(identity?.Workflow) : "";
        bool isFolded = !_series.ContainsKey((repository, workflow)) && _series.Count >= most;
        if (isFolded) (repository, workflow) = (byRepository ? Waits.Other : "", byWorkflow ? Waits.Other : "");
        if (!_series.TryGetValue((repository, workflow), out WorkloadSeries? series))
            _series.Add((repository, workflow), series = new WorkloadSeries(repository, workflow, new long[JobResults.All.Count]));
        series.Jobs[(int)result]++;
        return isFolded;
    }

    private static string Named(string? name) => string.IsNullOrEmpty(name) ? Unknown : name;
}

/// <summary>The jobs of one repository and workflow, by result in the order of the enum.</summary>
internal sealed record WorkloadSeries(string Repository, string Workflow, long[] Jobs);
