using CiMetrics.Exposition;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Metrics;

/// <summary>
/// What the receiver counts about its own work, since the process started. The names begin with <c>receiver_</c>, so
/// that no job's name (<c>ci_...</c>) can meet them. Every label value is there from the start, at 0.
/// </summary>
internal sealed class ReceiverMetrics
{
    private static readonly double[] CommitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

    private readonly Counter _warnings;
    private readonly Counter _unexpanded;
    private readonly Counter _folded;
    private readonly Counter _refused;
    private readonly Counter.Child _counted;
    private readonly Counter.Child _duplicates;

    /// <summary>Makes the instruments.</summary>
    public ReceiverMetrics(MetricFactory metrics)
    {
        Counter events = metrics.CreateCounter("receiver_events_total", "Events by what became of them: counted, or a duplicate of one that was counted before", "result");
        (_counted, _duplicates) = (events.WithLabels("counted"), events.WithLabels("duplicate"));
        _warnings = metrics.CreateCounter("receiver_warnings_total", "Events that were counted, but not quite as they were sent, by reason", "reason");
        _unexpanded = metrics.CreateCounter("receiver_unexpanded_variables_total", "Fields that held the name of a CI variable instead of its value, as when the $ before it is missing", "field");
        _folded = metrics.CreateCounter("receiver_folded_total", "Events counted as other because a limit was reached, by limit", "limit");
        _refused = metrics.CreateCounter("receiver_requests_refused_total", "Requests that counted nothing, by HTTP status", "code");
        Commits = metrics.CreateHistogram("receiver_commit_duration_seconds", "Time to make a batch of events durable", CommitBuckets);
        CommitFailures = metrics.CreateCounter("receiver_commit_failures_total", "Batches of events that could not be made durable");
        SnapshotFailures = metrics.CreateCounter("receiver_snapshot_failures_total", "Snapshots of the ledger that could not be written");
        foreach (WarningReason reason in Enum.GetValues<WarningReason>()) _warnings.WithLabels(LabelOf(reason));
        foreach (EventField field in (ReadOnlySpan<EventField>)[EventField.Id, EventField.Started, EventField.Finished, EventField.Status, EventField.Project, EventField.Name])
            _unexpanded.WithLabels(EventFields.NameOf(field));
        foreach (Fold fold in Enum.GetValues<Fold>()) _folded.WithLabels(LabelOf(fold));
        foreach (string code in (ReadOnlySpan<string>)["400", "401", "403", "408", "413", "415", "429", "503"]) _refused.WithLabels(code);
    }

    /// <summary>How long commits take.</summary>
    public Histogram Commits { get; }

    /// <summary>Commits that failed.</summary>
    public Counter CommitFailures { get; }

    /// <summary>Snapshots that failed.</summary>
    public Counter SnapshotFailures { get; }

    /// <summary>Counts an event that was answered with success.</summary>
    public void Answered(JobEvent job, Decision decision)
    {
        if (decision.Event is null)
        {
            _duplicates.Inc();
            return;
        }

        _counted.Inc();
        foreach (Warning warning in job.Warnings) Warned(warning);
        foreach (Warning warning in decision.Warnings) Warned(warning);
        foreach (Fold fold in decision.Folds) _folded.WithLabels(LabelOf(fold)).Inc();
    }

    /// <summary>Counts a request that was refused.</summary>
    public void Refused(int status) => _refused.WithLabels($"{status}").Inc();

    private void Warned(Warning warning)
    {
        _warnings.WithLabels(LabelOf(warning.Reason)).Inc();
        if (warning.Unexpanded is { } field) _unexpanded.WithLabels(EventFields.NameOf(field)).Inc();
    }

    private static string LabelOf(Fold fold) => fold switch
    {
        Fold.Name => "names",
        Fold.Project => "projects",
        _ => "series",
    };

    private static string LabelOf(WarningReason reason) => reason switch
    {
        WarningReason.KeyEmpty => "key_empty",
        WarningReason.StartedMissing => "started_missing",
        WarningReason.StartedMalformed => "started_malformed",
        WarningReason.FinishedMalformed => "finished_malformed",
        WarningReason.DurationNegative => "duration_negative",
        WarningReason.DurationImplausible => "duration_implausible",
        WarningReason.Unexpanded => "variable_unexpanded",
        WarningReason.StatusUnknown => "status_unknown",
        WarningReason.NameReserved => "name_reserved",
        WarningReason.NameShortened => "name_shortened",
        WarningReason.NameReplaced => "name_replaced",
        WarningReason.NameCollision => "name_collision",
        WarningReason.LimitReached => "limit_reached",
        WarningReason.UnknownField => "unknown_field",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no such reason"),
    };
}
