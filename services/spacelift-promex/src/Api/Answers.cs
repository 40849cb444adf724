using System.Text.Json;
using System.Text.Json.Serialization;

namespace CiMetrics.Spacelift.Api;

/// <summary>An error in an answer.</summary>
internal sealed record AnswerError(string? Message = null, [property: JsonConverter(typeof(ErrorPath))] string? Path = null);

internal sealed record LoginData(ApiKeyUser? ApiKeyUser);

/// <summary>A session: the token and the unix second at which it ends.</summary>
internal sealed record ApiKeyUser(string Jwt, long ValidUntil);

internal sealed record PublicPoolData(PublicPool PublicWorkerPool);

internal sealed record PublicPool(long Parallelism, long BusyWorkers, long PendingRuns);

internal sealed record WorkerPoolsData(IReadOnlyList<WorkerPool> WorkerPools);

internal sealed record WorkerPool(string Id, string Name, long PendingRuns, long BusyWorkers, IReadOnlyList<Worker> Workers);

/// <summary>A worker; one that is drained takes no further runs and is busy until its last one ends.</summary>
internal sealed record Worker(bool Drained, bool? Busy = null);

internal sealed record UsageData(Usage Usage);

/// <summary>Unix seconds, minutes and seats of the current billing period.</summary>
internal sealed record Usage(
    long BillingPeriodStart, long BillingPeriodEnd, double UsedPrivateMinutes, double UsedPublicMinutes, long UsedSeats);

internal sealed record MetricsData(AccountMetrics Metrics);

/// <summary>Aggregates of the account; a field that failed alone is null.</summary>
internal sealed record AccountMetrics(
    IReadOnlyList<DataPoint>? StacksCountByState,
    IReadOnlyList<DataPoint>? ResourcesCountByDrift,
    IReadOnlyList<DataPoint>? AvgStackSizeByResourceCount,
    IReadOnlyList<DataPoint>? AverageRunDuration,
    IReadOnlyList<DataPoint>? MedianRunDuration);

internal sealed record DataPoint(double Value, IReadOnlyList<string>? Labels = null);

internal sealed record StacksData(Page<Stack> SearchStacks);

internal sealed record DriftData(Page<Entity> SearchManagedEntities);

/// <summary>One page of a listing.</summary>
internal sealed record Page<T>(IReadOnlyList<Edge<T>> Edges, PageInfo PageInfo);

internal sealed record Edge<T>(T Node);

internal sealed record PageInfo(bool HasNextPage, string? EndCursor = null);

/// <summary>A stack as it is listed; <see cref="StateSetAt"/> is a unix second.</summary>
internal sealed record Stack(string Id, string Name, string State, long? StateSetAt = null, string? LockedBy = null, Space? SpaceDetails = null);

internal sealed record Space(string Id, string Name);

/// <summary>A managed resource; Spacelift says since when it drifted, or null.</summary>
internal sealed record Entity([property: JsonConverter(typeof(IsThere))] bool Drifted, string StackId, string? StackName = null);

/// <summary>Reads whether there is a value, whatever it is.</summary>
internal sealed class IsThere : JsonConverter<bool>
{
    public override bool HandleNull => true;

    public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        bool isThere = reader.TokenType != JsonTokenType.Null;
        reader.Skip();
        return isThere;
    }

    public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AnswerError))]
[JsonSerializable(typeof(LoginData))]
[JsonSerializable(typeof(PublicPoolData))]
[JsonSerializable(typeof(WorkerPoolsData))]
[JsonSerializable(typeof(UsageData))]
[JsonSerializable(typeof(MetricsData))]
[JsonSerializable(typeof(StacksData))]
[JsonSerializable(typeof(DriftData))]
internal sealed partial class ApiJson : JsonSerializerContext;
