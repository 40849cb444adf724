using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiMetrics.Spacelift.Simulator;

/// <summary>The answers of the simulated API to well-formed queries.</summary>
internal static class FakeResponses
{
    /// <summary>The root fields that it knows.</summary>
    public static readonly IReadOnlyList<string> Roots =
        ["apiKeyUser", "publicWorkerPool", "workerPools", "usage", "metrics", "searchStacks", "searchManagedEntities"];

    private static readonly long Drifted = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>The answer's body.</summary>
    public static string Of(FakeCall call, FakeAccount account)
    {
        JsonNode? value = call.Operation switch
        {
            "publicWorkerPool" => new JsonObject { ["parallelism"] = account.Public.Parallelism, ["busyWorkers"] = account.Public.Busy, ["pendingRuns"] = account.Public.Pending },
            "workerPools" => new JsonArray([.. account.Pools.Select(Pool)]),
            "usage" => Usage(account),
            "metrics" => Metrics(account),
            "searchStacks" => Page(call, [.. account.Stacks.Select(Stack)]),
            "searchManagedEntities" => Page(call, [.. account.Stacks.SelectMany(Entities)]),
            _ => null,
        };
        return value is null
            ? """{"data":null,"errors":[{"message":"Cannot query field"}]}"""
            : new JsonObject { ["data"] = new JsonObject { [call.Operation] = value } }.ToJsonString();
    }

    private static JsonObject Pool(FakePool pool) => new()
    {
        ["id"] = pool.Id,
        ["name"] = pool.Name,
        ["pendingRuns"] = pool.Pending,
        ["busyWorkers"] = pool.Busy,
        ["workers"] = new JsonArray([.. Enumerable.Range(0, pool.Workers).Select(i => (JsonNode)new JsonObject { ["id"] = $"{pool.Id}-{i}", ["busy"] = i < pool.Busy, ["drained"] = i < pool.Drained })]),
    };

    private static JsonObject Usage(FakeAccount account) => new()
    {
        ["billingPeriodStart"] = account.Period.Start,
        ["billingPeriodEnd"] = account.Period.End,
        ["usedPrivateMinutes"] = account.Used.Private,
        ["usedPublicMinutes"] = account.Used.Public,
        ["usedSeats"] = account.Used.Seats,
    };

    private static JsonObject Metrics(FakeAccount account) => new()
    {
        ["stacksCountByState"] = new JsonArray([.. account.Stacks.GroupBy(stack => stack.State, StringComparer.Ordinal).Select(group => (JsonNode)Point(group.Count(), group.Key))]),
        ["resourcesCountByDrift"] = new JsonArray([Point(account.Stacks.Sum(stack => stack.Drifted), "DRIFTED"), Point(account.Stacks.Sum(stack => stack.Ok), "IN_SYNC")]),
        ["avgStackSizeByResourceCount"] = new JsonArray([Point(account.Stacks.Count == 0 ? 0 : account.Stacks.Average(stack => stack.Ok + stack.Drifted))]),
        ["averageRunDuration"] = new JsonArray([Point(account.Runs.Average)]),
        ["medianRunDuration"] = new JsonArray([Point(account.Runs.Median)]),
    };

    private static JsonObject Point(double value, params string[] labels) =>
        new JsonObject { ["value"] = value, ["labels"] = new JsonArray([.. labels.Select(label => JsonValue.Create(label))]) };

    private static JsonObject Stack(FakeStack stack) => new()
    {
        ["id"] = stack.Id,
        ["name"] = stack.Name,
        ["state"] = stack.State,
        ["stateSetAt"] = stack.StateSetAt,
        ["lockedBy"] = stack.LockedBy,
        ["spaceDetails"] = new JsonObject { ["id"] = stack.Space, ["name"] = stack.Space },
        ["somethingNew"] = "unknown fields are ignored",
    };

    private static IEnumerable<JsonObject> Entities(FakeStack stack)
    {
        for (int i = 0; i < stack.Ok + stack.Drifted; i++)
        {
            yield return new JsonObject
            {
                ["id"] = $"{stack.Id}/{i}",
                ["drifted"] = i < stack.Drifted ? JsonValue.Create(Drifted) : null,
                ["stackId"] = stack.Id,
                ["stackName"] = stack.Name,
            };
        }
    }

    private static JsonObject Page(FakeCall call, IReadOnlyList<JsonObject> all)
    {
        JsonElement input = call.Variables.GetProperty("input");
        int first = input.GetProperty("first").GetInt32();
        int from = input.TryGetProperty("after", out JsonElement after) && after.GetString() is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        int end = Math.Min(from + first, all.Count);
        return new JsonObject
        {
            ["edges"] = new JsonArray([.. all.Skip(from).Take(first).Select(node => (JsonNode)new JsonObject { ["node"] = node })]),
            ["pageInfo"] = new JsonObject { ["hasNextPage"] = end < all.Count, ["endCursor"] = end.ToString(CultureInfo.InvariantCulture) },
        };
    }
}
