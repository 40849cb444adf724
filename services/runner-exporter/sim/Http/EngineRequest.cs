using CiMetrics.RunnerExporter.Simulator.Engine;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>What an endpoint needs to answer: the request, the API version it speaks, and what the engine knows.</summary>
internal sealed record EngineRequest(HttpContext Http, Version Api, EngineState Engine, CancellationToken Ended)
{
    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>As the engine reads flags: everything but these is true.</summary>
    public bool Flag(string name, bool missing = false) =>
        Query(name) is { } value ? value.Trim().ToUpperInvariant() is not ("" or "0" or "NO" or "FALSE" or "NONE") : missing;

    public Filters Filters() => Simulator.Http.Filters.Parse(Query("filters"));
}

/// <summary>The parts of the engine.</summary>
internal sealed record EngineState(SimulatorOptions Options, EngineClock Clock, ContainerStore Containers, EventLog Events, Gate Gate)
{
    public Version MaxApi { get; } = Version.Parse(Options.ApiVersion);

    public Version MinApi { get; } = Version.Parse(Options.MinApiVersion);
}
