using CiMetrics.AlloyRunner.Observing;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>The runner's version, under the name of the profile; absent where it cannot be asked.</summary>
internal sealed class VersionCollector(Profile profile, Func<ProcessView> view) : ICollector
{
    private static readonly LabelSchema Labels = new("architecture", "branch", "built_at", "go_version", "name", "os", "revision", "version");

    private readonly MetricFamily _family = FamilyOf(profile);
    private RunnerVersion? _last;
    private LabelSet _labels = LabelSet.Empty;

    public string Name => "version";

    public IReadOnlyList<MetricFamily> Families => [_family];

    /// <summary>The family of a profile.</summary>
    public static MetricFamily FamilyOf(Profile profile) => new(
        profile == Profile.GitLab ? "gitlab_runner_version_info" : "ci_runner_version_info",
        "A metric with a constant '1' value labeled by different build stats fields.", MetricType.Gauge, Labels);

    public void Collect(MetricWriter writer)
    {
        if (view() is not { Sample: not null, Version: { } version }) return;
        if (version != _last)
        {
            _labels = Labels.WithValues(version.Architecture, version.Branch, version.BuiltAt, version.GoVersion, version.Name, version.Os, version.Revision, version.Version);
            _last = version;
        }
        writer.Write(_family, _labels, 1);
    }
}
