using CiMetrics.Exposition;

namespace CiMetrics.Receiver.Metrics;

/// <summary>What there is of the ledger: how full it is, and how far back repetitions are recognised.</summary>
internal static class LedgerFamilies
{
    public static readonly MetricFamily Names = Gauge("receiver_names", "Names of jobs in the ledger");
    public static readonly MetricFamily NamesLimit = Gauge("receiver_names_limit", "Names of jobs that are counted by themselves at most (--max-names)");
    public static readonly MetricFamily Projects = Gauge("receiver_projects", "Projects in the ledger");
    public static readonly MetricFamily ProjectsLimit = Gauge("receiver_projects_limit", "Projects that are counted by themselves at most (--max-projects)");
    public static readonly MetricFamily Series = Gauge("receiver_series", "Series of job counters in the ledger");
    public static readonly MetricFamily SeriesLimit = Gauge("receiver_series_limit", "Series of job counters at most, without those of other (--max-series)");
    public static readonly MetricFamily Collisions = Gauge("receiver_name_collisions", "Names in the ledger that stand for more than one name of a job");
    public static readonly MetricFamily Keys = Gauge("receiver_dedup_keys", "Keys of events that are remembered");
    public static readonly MetricFamily KeysLimit = Gauge("receiver_dedup_keys_limit", "Keys of events that are remembered at most (--dedup-max-keys)");
    public static readonly MetricFamily Horizon = Gauge("receiver_dedup_horizon_seconds", "How old an event's first delivery may be for a repetition to be recognised for certain");

    public static readonly IReadOnlyList<MetricFamily> All =
        [Names, NamesLimit, Projects, ProjectsLimit, Series, SeriesLimit, Collisions, Keys, KeysLimit, Horizon];

    private static MetricFamily Gauge(string name, string help) => new(name, help, MetricType.Gauge);
}
