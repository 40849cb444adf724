using System.Text.RegularExpressions;

namespace CiMetrics.GitHubRunner.State;

/// <summary>
/// Deployments by repository and environment, as far as jobs tell of them: a failed job stands for a failed deployment.
/// </summary>
internal sealed class Deployments(List<DeploymentSeries> kept, DeploymentRule rule)
{
    /// <summary>Pairs of repository and environment that have series of their own.</summary>
    public const int Most = 200;

    private readonly Dictionary<(string Repository, string Environment), DeploymentSeries> _series = kept.ToDictionary(each => (each.Repository, each.Environment));

    public IReadOnlyCollection<DeploymentSeries> Series => _series.Values;

    /// <summary>The environment that a job deploys to; null: it is no deployment.</summary>
    public string? EnvironmentOf(JobIdentity identity) => rule.EnvironmentOf(identity);

    /// <summary>Makes sure that the series is there at 0 before its first deployment ends: <c>increase()</c> misses one that begins at 1.</summary>
    public void Expect(string repository, string environment) => Of(repository, environment);

    /// <summary>Counts one that has ended; gives whether it was folded.</summary>
    public bool Count(string repository, string environment, JobResult result, DateTimeOffset? ended)
    {
        DeploymentSeries series = Of(repository, environment);
        series.Results[(int)result]++;
        if (ended is { } end && result == JobResult.Success)
        {
            if (series.FailedAt is { } failed && end >= failed)
            {
                series.RecoverySeconds.Observe(Durations.DeliveryBounds, (end - failed).TotalSeconds);
                series.FailedAt = null;
            }
            if (series.SucceededAt is not { } last || end > last) series.SucceededAt = end;
        }
        // One that we hear of after a later success has been recovered from already.
        else if (ended is { } at && result == JobResult.Failed && !(series.SucceededAt >= at) && !(series.FailedAt <= at)) series.FailedAt = at;
        return series.Repository == Waits.Other && repository != Waits.Other;
    }

    /// <summary>Counts how long a commit took, once that is known, which can be after its deployment was counted.</summary>
    public void Lead(string repository, string environment, TimeSpan lead) => Of(repository, environment).LeadSeconds.Observe(Durations.DeliveryBounds, lead.TotalSeconds);

    private DeploymentSeries Of(string repository, string environment)
    {
        if (_series.TryGetValue((repository, environment), out DeploymentSeries? series)) return series;
        if (_series.Count >= Most) (repository, environment) = (Waits.Other, Waits.Other);
        if (!_series.TryGetValue((repository, environment), out series)) _series.Add((repository, environment), series = new DeploymentSeries { Repository = repository, Environment = environment });
        return series;
    }
}

/// <summary>The deployments of one repository to one environment.</summary>
internal sealed class DeploymentSeries
{
    public required string Repository { get; init; }

    public required string Environment { get; init; }

    /// <summary>By result, in the order of the enum.</summary>
    public long[] Results { get; set; } = new long[JobResults.All.Count];

    public Durations LeadSeconds { get; set; } = new();

    public Durations RecoverySeconds { get; set; } = new();

    /// <summary>The first failure that no success came after.</summary>
    public DateTimeOffset? FailedAt { get; set; }

    public DateTimeOffset? SucceededAt { get; set; }
}

/// <summary>Which jobs are deployments.</summary>
/// <param name="Environments">Environments that count.</param>
/// <param name="Jobs">Jobs that count without an environment, as <c>workflow/job</c>.</param>
/// <param name="IsOn">Whether any do.</param>
internal sealed record DeploymentRule(Regex Environments, IReadOnlySet<string> Jobs, bool IsOn)
{
    /// <summary>No job is one.</summary>
    public static readonly DeploymentRule None = new(new Regex("(?!)", RegexOptions.None, TimeSpan.FromSeconds(1)), new HashSet<string>(StringComparer.Ordinal), IsOn: false);

    public string? EnvironmentOf(JobIdentity identity)
    {
        if (!IsOn) return null;
        if (identity.Environment is { Length: > 0 and <= 255 } environment && Environments.IsMatch(environment)) return environment;
        return Jobs.Contains($"{identity.Workflow}/{identity.Name}") ? identity.Environment ?? "production" : null;
    }
}
