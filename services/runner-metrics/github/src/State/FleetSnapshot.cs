namespace CiMetrics.GitHubRunner.State;

/// <summary>What is true at one moment; immutable.</summary>
internal sealed record FleetSnapshot
{
    /// <summary>The observed runners, by name.</summary>
    public required IReadOnlyList<RunnerSnapshot> Runners { get; init; }

    public required IReadOnlyList<WaitSeries> Waits { get; init; }

    public required long WaitsUnknown { get; init; }

    /// <summary>Jobs that wait for a runner, and since when the first of them does.</summary>
    public required long Queued { get; init; }

    public required DateTimeOffset? QueuedSince { get; init; }

    public required IReadOnlyList<DeploymentSeries> Deployments { get; init; }

    public required IReadOnlyList<WorkloadSeries> Workloads { get; init; }

    public required long Disagreements { get; init; }

    public required long Folded { get; init; }

    public required long Forgotten { get; init; }

    public required long CountedTwice { get; init; }

    public long DeliveriesForgotten { get; init; }

    /// <summary>What GitHub is still to be asked.</summary>
    public long Questions { get; init; }

    public static FleetSnapshot Of(FleetImage kept, JobTable table, Waits waits, Deployments deployments, Workloads workloads, FleetRules rules)
    {
        Dictionary<string, DateTimeOffset> running = new(StringComparer.Ordinal);
        (long queued, DateTimeOffset? since) = (0, null);
        foreach (JobRecord record in table.Records)
        {
            if (record.RunsSince is { } began && !(running.TryGetValue(record.Runner, out DateTimeOffset other) && other > began)) running[record.Runner] = began;
            if (!record.IsQueued) continue;
            queued++;
            if (since is null || record.QueuedHeard < since) since = record.QueuedHeard;
        }
        return new FleetSnapshot
        {
            Runners = [.. rules.Runners.Order(StringComparer.Ordinal).Select(name => RunnerSnapshot.Of(name, kept.Runners[name], running.TryGetValue(name, out DateTimeOffset began) ? began : null))],
            Waits = [.. waits.Series.Select(each => each with { Seconds = each.Seconds.Copy(Durations.QueueBounds) })],
            WaitsUnknown = kept.WaitsUnknown,
            Queued = queued,
            QueuedSince = since,
            Deployments =
            [
                .. deployments.Series.Select(each => new DeploymentSeries
                {
                    Repository = each.Repository,
                    Environment = each.Environment,
                    Results = [.. each.Results],
                    LeadSeconds = each.LeadSeconds.Copy(Durations.DeliveryBounds),
                    RecoverySeconds = each.RecoverySeconds.Copy(Durations.DeliveryBounds),
                    FailedAt = each.FailedAt,
                }),
            ],
            Workloads = [.. workloads.Series.Select(each => each with { Jobs = [.. each.Jobs] })],
            Disagreements = kept.Disagreements,
            Folded = kept.Folded,
            Forgotten = table.Forgotten,
            CountedTwice = table.CountedTwice,
        };
    }
}

/// <summary>One runner at one moment.</summary>
internal sealed record RunnerSnapshot
{
    public required string Name { get; init; }

    public required long[] Jobs { get; init; }

    public required Durations JobSeconds { get; init; }

    public required long WithoutDuration { get; init; }

    public required IReadOnlyDictionary<string, long[]> Restores { get; init; }

    public required string? Version { get; init; }

    public required bool? IsListening { get; init; }

    public required bool IsConnected { get; init; }

    public required long ConnectErrors { get; init; }

    public required long Starts { get; init; }

    public required long HookStarts { get; init; }

    public required long HookCompletions { get; init; }

    /// <summary>Whether it says so, or a job is seen to run.</summary>
    public required bool IsBusy { get; init; }

    /// <summary>When its present job began; null: there is none.</summary>
    public required DateTimeOffset? RunningSince { get; init; }

    public static RunnerSnapshot Of(string name, RunnerFigures figures, DateTimeOffset? running) => new()
    {
        Name = name,
        Jobs = [.. figures.Jobs],
        JobSeconds = figures.JobSeconds.Copy(Durations.JobBounds),
        WithoutDuration = figures.WithoutDuration,
        Restores = figures.Restores.ToDictionary(each => each.Key, each => (long[])[.. each.Value], StringComparer.Ordinal),
        Version = figures.Version,
        IsListening = figures.IsListening,
        IsConnected = figures.IsConnected,
        ConnectErrors = figures.ConnectErrors,
        Starts = figures.Starts,
        HookStarts = figures.HookStarts,
        HookCompletions = figures.HookCompletions,
        IsBusy = figures.IsBusy || running is not null || figures.HookedSince is not null,
        RunningSince = running ?? figures.HookedSince,
    };
}
