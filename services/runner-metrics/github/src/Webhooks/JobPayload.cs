using System.Globalization;
using System.Text.Json;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Webhooks;

/// <summary>A job as GitHub describes it: in the event <c>workflow_job</c>, and in the answers of its API.</summary>
internal static class JobPayload
{
    private const int LongestText = 512;

    /// <summary>Reads the body of a <c>workflow_job</c> event; null where it is none.</summary>
    public static ApiJob? Read(ReadOnlyMemory<byte> body, DateTimeOffset heard)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            JsonElement root = document.RootElement;
            if (Of(root, "workflow_job") is not { ValueKind: JsonValueKind.Object } job) return null;
            string repository = Of(root, "repository") is { } its ? Text(its, "full_name") ?? "" : "";
            string? environment = Of(root, "deployment") is { } deployment ? Text(deployment, "environment") : null;
            return ReadJob(job, repository, environment, heard, Text(root, "action"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads one job; null where what every job has is missing.</summary>
    /// <param name="job">The object.</param>
    /// <param name="repository">Whose it is, as <c>owner/name</c>.</param>
    /// <param name="environment">Where it deploys to; null: nowhere, or nobody says.</param>
    /// <param name="heard">When we heard of it.</param>
    /// <param name="action">What has just happened to it; null: its status counts.</param>
    public static ApiJob? ReadJob(JsonElement job, string repository, string? environment, DateTimeOffset heard, string? action = null)
    {
        string? status = action ?? Text(job, "status");
        if (status is not ("waiting" or "queued" or "in_progress" or "completed")) return null;
        return Number(job, "id") is not { } id || Number(job, "run_id") is not { } run ? null : new ApiJob
        {
            Id = id,
            Identity = new JobIdentity
            {
                RunId = run,
                Attempt = (int)Math.Clamp(Number(job, "run_attempt") ?? 1, 1, 1000),
                Name = Text(job, "name") ?? "",
                Workflow = Text(job, "workflow_name") ?? "",
                Repository = repository.Length <= LongestText ? repository : "",
                Environment = environment,
            },
            Runner = Text(job, "runner_name") ?? "",
            Status = status,
            Result = JobResults.OfApi(Text(job, "conclusion")),
            Created = Time(job, "created_at"),
            Started = Time(job, "started_at"),
            Completed = Time(job, "completed_at"),
            Heard = heard,
        };
    }

    private static JsonElement? Of(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : null;

    private static string? Text(JsonElement parent, string name) =>
        Of(parent, name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: <= LongestText } text ? text : null;

    private static long? Number(JsonElement parent, string name) =>
        Of(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) && number > 0 ? number : null;

    private static DateTimeOffset? Time(JsonElement parent, string name) =>
        Text(parent, name) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;
}
