using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CiMetrics.GitHubRunner.Simulator;

/// <summary>The job message as a worker logs it: indented JSON, its dictionaries as lists of "k" and "v".</summary>
public static class JobMessageText
{
    /// <summary>The message of a job.</summary>
    public static string Of(SimulatedJob job)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("fileTable");
            writer.WriteStringValue(".github/workflows/ci.yml");
            writer.WriteEndArray();
            writer.WriteStartObject("variables");
            writer.WriteStartObject("system.github.job");
            writer.WriteString("value", "build");
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteString("messageType", "PipelineAgentJobRequest");
            writer.WriteStartObject("plan");
            writer.WriteString("planId", Guid.NewGuid());
            writer.WriteString("jobId", "not the job's");
            writer.WriteEndObject();
            writer.WriteString("jobId", job.Id);
            writer.WriteString("jobDisplayName", job.Name);
            writer.WriteString("jobName", "__default");
            writer.WriteNumber("requestId", 42);
            writer.WriteStartObject("contextData");
            Dictionary(writer, "github", () =>
            {
                Pair(writer, "repository", job.Repository);
                Pair(writer, "run_id", job.RunId.ToString(CultureInfo.InvariantCulture));
                Pair(writer, "run_attempt", job.Attempt.ToString(CultureInfo.InvariantCulture));
                Pair(writer, "workflow", job.Workflow);
                Pair(writer, "token", "***");
                writer.WriteStartObject();
                writer.WriteString("k", "event");
                Dictionary(writer, "v", () =>
                {
                    if (job.Committed is { } committed)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("k", "head_commit");
                        Dictionary(writer, "v", () =>
                        {
                            Pair(writer, "id", "0123456789abcdef");
                            Pair(writer, "timestamp", committed.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
                        });
                        writer.WriteEndObject();
                    }
                    Pair(writer, "repository", "a value of the event, not of the job");
                });
                writer.WriteEndObject();
            });
            if (job.HasCheckRun)
            {
                Dictionary(writer, "job", () =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("k", "check_run_id");
                    writer.WritePropertyName("v");
                    writer.WriteRawValue(job.ApiId.ToString(CultureInfo.InvariantCulture) + ".0");
                    writer.WriteEndObject();
                });
            }
            writer.WriteEndObject();
            if (job.Environment is { } environment)
            {
                writer.WriteStartObject("actionsEnvironment");
                writer.WriteString("name", environment);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static void Dictionary(Utf8JsonWriter writer, string name, Action pairs)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("t", 2);
        writer.WriteStartArray("d");
        pairs();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Pair(Utf8JsonWriter writer, string key, string value)
    {
        writer.WriteStartObject();
        writer.WriteString("k", key);
        writer.WriteString("v", value);
        writer.WriteEndObject();
    }
}
