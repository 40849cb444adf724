using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Metrics;
using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.State;

/// <summary>One run of a build container, as its samples come in.</summary>
/// <param name="facts">What the engine said first.</param>
/// <param name="record">What of it has been counted.</param>
internal sealed class Build(BuildFacts facts, BuildRecord record)
{
    /// <summary>Samples that may fail in a row before the last good one is too old to show.</summary>
    private const int MaxFailures = 3;

    /// <summary>A build met this soon after its start has its use counted from the start, where it was zero.</summary>
    private static readonly TimeSpan FreshStart = TimeSpan.FromSeconds(10);

    /// <summary>Over less than this the average is noise of the clock's grain.</summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    private readonly LabelSet _labels = BuildFamilies.Labels.WithValues(facts.Name.RunnerUuid, facts.Name.PipelineUuid);
    private ContainerSample? _cpuSince;
    private ContainerSample? _sample;
    private ContainerSample? _totals;
    private double? _cpuCores;
    private int _failures;
    private bool _ranOutOfMemory;

    /// <summary>What the engine said last.</summary>
    public BuildFacts Facts { get; set; } = facts;

    /// <summary>Null while it runs.</summary>
    public BuildEnd? End { get; set; }

    /// <summary>What of it has been counted.</summary>
    public BuildRecord Record { get; } = record;

    /// <summary>The kernel's count where it can be read; else at least the one that the engine told of.</summary>
    public long OomKills => Math.Max(_totals?.OomKills ?? 0, _ranOutOfMemory ? 1 : 0);

    /// <summary>A list did not name it. A second one settles that the event of its end will not come.</summary>
    public bool Missed { get; set; }

    /// <summary>True while the last good sample is recent.</summary>
    public bool HasUsage => _sample is not null;

    /// <summary>The build as a scrape shows it.</summary>
    public BuildView View() => End is null
        ? new(Facts, _labels, _sample, _cpuCores, _totals, OomKills, null)
        : new(Facts, _labels, null, null, _totals, OomKills, End);

    /// <summary>Takes a sample in.</summary>
    public void Add(ContainerSample sample)
    {
        // The last sample of all and one of the regular ones may overtake each other on their way.
        if (sample.Source == SampleSource.CgroupFiles && _totals?.Source == sample.Source && sample.ReadNanoseconds < _totals.ReadNanoseconds) return;
        bool isFirst = _sample is null;
        _failures = 0;
        _sample = sample;
        _totals = sample;
        if (isFirst && CoresSinceStart(sample) is { } sinceStart)
        {
            _cpuCores = sinceStart;
            _cpuSince = sample;
        }
        else if (_cpuSince is null || sample.ReadNanoseconds - _cpuSince.ReadNanoseconds >= ShortestInterval.TotalNanoseconds)
        {
            _cpuCores = ContainerSample.CpuCores(_cpuSince, sample);
            _cpuSince = sample;
        }

        Record.Use(sample.CpuUsageNanoseconds, OomKills);
    }

    /// <summary>The engine told that the kernel has killed a process. Events may be replayed, so this does not tell how often.</summary>
    public void RunOutOfMemory()
    {
        _ranOutOfMemory = true;
        // Of a build that ran before the exporter did, only a sample tells which kills are old.
        if (_totals is not null || Record.IsFromStart) Record.Use(cpuNanoseconds: null, OomKills);
    }

    /// <summary>A sample failed. What was counted up to the last good one stays true.</summary>
    public void Fail()
    {
        if (++_failures < MaxFailures) return;
        _sample = null;
        _cpuCores = null;
        _cpuSince = null;
    }

    /// <summary>The first figure of a new build. Its start is told by the engine's clock, which is ours only where the files are.</summary>
    private double? CoresSinceStart(ContainerSample sample)
    {
        TimeSpan age = sample.Time - Facts.StartedAt;
        return sample.Source == SampleSource.CgroupFiles && age >= ShortestInterval && age < FreshStart
            ? sample.CpuUsageNanoseconds / age.TotalNanoseconds
            : null;
    }
}
