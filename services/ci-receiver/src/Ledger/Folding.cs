using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Naming;

namespace CiMetrics.Receiver.Ledger;

/// <summary>Which limit an event met. Label values of <c>receiver_folded_total</c>.</summary>
internal enum Fold
{
    Name,
    Project,
    Series,
}

/// <summary>What is to be done with an event.</summary>
/// <param name="Event">What to count; null: it was counted before.</param>
/// <param name="Warnings">What the sender should know, besides what the event says itself.</param>
/// <param name="Folds">The limits that it met.</param>
internal sealed record Decision(CountedEvent? Event, IReadOnlyList<Warning> Warnings, IReadOnlyList<Fold> Folds)
{
    /// <summary>The event was counted before.</summary>
    public static readonly Decision Duplicate = new(null, [], []);
}

/// <summary>What there is, as far as the limits ask.</summary>
internal interface IKnown
{
    /// <summary>Whether the name has an entry, or how many have.</summary>
    bool HasName(string name, out string original);

    bool HasProject(string project);

    bool HasSeries(SeriesKey key);

    int Names { get; }

    int Projects { get; }

    int Series { get; }
}

/// <summary>Keeps events within the limits: what is beyond goes to <c>other</c>, so that totals stay right.</summary>
internal static class Folding
{
    public const string Other = JobName.Other;

    /// <summary>Gives the series that an event is counted in.</summary>
    public static Decision Decide(JobEvent job, IKnown known, LedgerLimits limits)
    {
        List<Warning>? warnings = null;
        List<Fold>? folds = null;
        (string name, string original, string project) = (job.Name.Value, job.Name.Original, job.Project);

        if (known.HasName(name, out string first))
        {
            if (name is not (Other or JobName.Unknown) && !string.Equals(first, original, StringComparison.Ordinal))
                Add(WarningReason.NameCollision, $"name: \"{Shown.Short(original)}\" and \"{Shown.Short(first)}\" are both counted as {name}");
        }
        else if (known.Names >= limits.Names && name != Other)
        {
            Met(Fold.Name, $"name: there are {limits.Names} names, the most that are counted by themselves; {name} is counted as {Other}");
            (name, original) = (Other, Other);
        }

        if (project != Other && known.Projects >= limits.Projects && !known.HasProject(project))
        {
            Met(Fold.Project, $"project: there are {limits.Projects} projects, the most that are counted by themselves; this one is counted as {Other}");
            project = Other;
        }

        if (project != Other && known.Series >= limits.Series && !known.HasSeries(new SeriesKey(name, project, job.Status)))
        {
            Met(Fold.Series, $"project: there are {limits.Series} series, the most that are counted by themselves; this one is counted as {Other}");
            project = Other;
        }

        return new Decision(new CountedEvent(name, original, project, job.Status, job.Seconds, job.Key), warnings ?? [], folds ?? []);

        void Add(WarningReason reason, string text) => (warnings ??= []).Add(new Warning(reason, text));

        void Met(Fold fold, string text)
        {
            (folds ??= []).Add(fold);
            Add(WarningReason.LimitReached, text);
        }
    }
}
