using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Metrics;

namespace CiMetrics.RunnerExporter.State;

/// <summary>What the builds of one runner add up to since the exporter started. It outlives the builds and only grows.</summary>
internal sealed class RunnerTotal
{
    private readonly LabelSet _labels;
    private readonly LabelSet[] _results;
    private readonly long[] _builds = new long[BuildResults.All.Count];
    private readonly long[] _durations = new long[RunnerFamilies.DurationBounds.BucketCount];
    private double _durationSum;
    private long _cpuNanoseconds;
    private long _oomKills;
    private RunnerView? _view;

    /// <param name="runner">The value of the label.</param>
    public RunnerTotal(string runner)
    {
        _labels = RunnerFamilies.Labels.WithValues(runner);
        _results = [.. BuildResults.All.Select(result => RunnerFamilies.ResultLabels.WithValues(runner, result.Label()))];
    }

    /// <summary>The totals as a scrape shows them; the same object while nothing changes.</summary>
    public RunnerView View() => _view ??= new(_labels, _results, [.. _builds], [.. _durations], _durationSum, _cpuNanoseconds / 1e9, _oomKills);

    /// <summary>A build has ended; its duration is null where its start or its end is not known.</summary>
    public void CountBuild(BuildResult result, TimeSpan? duration)
    {
        _view = null;
        _builds[(int)result]++;
        if (duration is not { TotalSeconds: var seconds }) return;
        _durations[RunnerFamilies.DurationBounds.IndexOf(seconds)]++;
        _durationSum += seconds;
    }

    /// <summary>A build has used this much more.</summary>
    public void CountUse(long cpuNanoseconds, long oomKills)
    {
        if (cpuNanoseconds == 0 && oomKills == 0) return;
        _view = null;
        _cpuNanoseconds += cpuNanoseconds;
        _oomKills += oomKills;
    }
}

/// <summary>The totals of a runner at one moment.</summary>
/// <param name="Labels">The runner.</param>
/// <param name="ResultLabels">The runner with each <see cref="BuildResult"/>.</param>
/// <param name="Builds">Builds that have ended, by <see cref="BuildResult"/>.</param>
/// <param name="Durations">Those whose duration is known, by bucket.</param>
/// <param name="DurationSum">Seconds.</param>
/// <param name="CpuSeconds">Used by all builds, running ones too.</param>
/// <param name="OomKills">In all builds, running ones too.</param>
internal sealed record RunnerView(
    LabelSet Labels, LabelSet[] ResultLabels, long[] Builds, long[] Durations, double DurationSum, double CpuSeconds, long OomKills);
