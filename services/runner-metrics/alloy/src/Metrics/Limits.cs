using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.State;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>The runners whose limits are exported, under the label that their jobs have: bounded in number, each label once.</summary>
internal static class Limits
{
    private const int OlderLength = 8;

    /// <summary>Those with a token to know them by.</summary>
    public static IEnumerable<(string Label, RunnerEntry Runner)> Of(RunnerConfig config, RunnerSnapshot snapshot) =>
        config.Runners.Where(runner => runner.ShortToken.Length > 0)
            .Select(runner => (LabelOf(runner.ShortToken, snapshot), runner))
            .DistinctBy(each => each.Item1, StringComparer.Ordinal)
            .Take(RunnerNames.Most);

    // Newer runners show one character more: where the log has shown the runner, it is that.
    private static string LabelOf(string token, RunnerSnapshot snapshot) =>
        snapshot.Started.ContainsKey(token) ? token : token[..OlderLength];
}
