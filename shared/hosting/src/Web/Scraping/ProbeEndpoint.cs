using CiMetrics.Exposition;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>What is scraped under a name.</summary>
/// <param name="Registry">Its metrics.</param>
/// <param name="Preparation">What every scrape of it waits for.</param>
public sealed record ProbeTarget(CollectorRegistry Registry, ScrapePreparation Preparation);

/// <summary>A path with several targets.</summary>
internal sealed record ProbePath(string Path, string Parameter, IReadOnlyDictionary<string, ProbeTarget> Targets);

/// <summary>Answers a scrape of the target that the query names.</summary>
internal sealed class ProbeEndpoint(ProbePath probe, Func<CollectorRegistry, ScrapePreparation?, MetricsEndpoint> scraped)
{
    private readonly Dictionary<string, MetricsEndpoint> _targets =
        probe.Targets.ToDictionary(target => target.Key, target => scraped(target.Value.Registry, target.Value.Preparation), StringComparer.Ordinal);

    /// <summary>Answers GET and HEAD.</summary>
    public Task Handle(HttpContext context)
    {
        var names = context.Request.Query[probe.Parameter];
        if (names is not [{ Length: > 0 } name])
            return Answer.PlainText(context, StatusCodes.Status400BadRequest, $"400 the query must name one target: {probe.Path}?{probe.Parameter}=NAME\n");
        return _targets.TryGetValue(name, out var target)
            ? target.Handle(context)
            : Answer.PlainText(context, StatusCodes.Status404NotFound, $"404 no such {probe.Parameter}\n");
    }
}
