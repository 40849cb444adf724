using CiMetrics.GitHubRunner.Diag;
using CiMetrics.RunnerMetrics.Processes;

namespace CiMetrics.GitHubRunner.Metrics;

/// <summary>What collectors are told of a runner beside the counted figures.</summary>
/// <param name="Process">Its process; null while it does not run.</param>
/// <param name="HasLooked">Whether processes were looked at yet.</param>
/// <param name="IsLogUp">Whether its logs can be read.</param>
/// <param name="Log">What reading them has come to.</param>
internal sealed record RunnerView(ProcessSample? Process, bool HasLooked, bool IsLogUp, LogFigures Log);
