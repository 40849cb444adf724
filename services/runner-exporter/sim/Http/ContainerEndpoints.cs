using System.Text.Json.Nodes;
using CiMetrics.RunnerExporter.Simulator.Engine;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary><c>/containers/json</c> and <c>/containers/{id}/json</c>.</summary>
internal static class ContainerEndpoints
{
    private static readonly string[] KnownFilters = ["id", "label", "name", "status"];
    private static readonly string[] KnownStates = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

    public static Task ListAsync(EngineRequest request)
    {
        var filters = request.Filters();
        if (filters.Keys.Except(KnownFilters, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new BadRequestException($"invalid filter '{unknown}'");
        if (filters.Values("status").Except(KnownStates, StringComparer.Ordinal).FirstOrDefault() is { } state)
            throw new BadRequestException($"invalid filter 'status={state}'");

        // A wanted status implies all, as in the engine.
        bool all = request.Flag("all") || filters.Values("status").Count > 0;
        int limit = int.TryParse(request.Query("limit"), out int wanted) && wanted > 0 ? wanted : int.MaxValue;
        var now = request.Engine.Clock.Now;
        var containers = request.Engine.Containers
            .Select(container => (all || limit < int.MaxValue || container.IsRunning) && IsWanted(container, filters) ? ContainerJson.Summary(container, now) : null)
            .OfType<JsonNode>()
            .Take(limit);
        return Reply.JsonAsync(request.Http, new JsonArray([.. containers]));
    }

    public static Task InspectAsync(EngineRequest request, string reference) =>
        request.Engine.Containers.TryRead(reference, ContainerJson.Inspect, out var json)
            ? Reply.JsonAsync(request.Http, json)
            : Reply.NoContainerAsync(request.Http, reference);

    private static bool IsWanted(Container container, Filters filters) =>
        filters.Matches("name", "/" + container.Name, container.Name)
        && filters.Exactly("status", container.Status)
        && filters.Begins("id", container.Id)
        && filters.Values("label").All(label => HasLabel(container.Settings.Labels, label));

    private static bool HasLabel(Dictionary<string, string> labels, string wanted)
    {
        string[] parts = wanted.Split('=', 2);
        return labels.TryGetValue(parts[0], out string? value) && (parts.Length == 1 || value == parts[1]);
    }
}
