using System.Globalization;
using CiMetrics.GitHubRunner.Simulator;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>The body of a <c>workflow_job</c> event.</summary>
internal static class Payload
{
    public static string Of(
        SimulatedJob job, string action, string runner = "", string? conclusion = null, DateTimeOffset? created = null, DateTimeOffset? started = null, DateTimeOffset? completed = null)
    {
        string deployment = job.Environment is null ? "" : $$"""
            "deployment": {"environment": "{{job.Environment}}"},
            """;
        return $$"""
            {"action": "{{action}}", {{deployment}} "repository": {"full_name": "{{job.Repository}}"}, "workflow_job": {{Job(job, action, runner, conclusion, created, started, completed)}}}
            """;
    }

    public static string Job(SimulatedJob job, string status, string runner, string? conclusion, DateTimeOffset? created, DateTimeOffset? started, DateTimeOffset? completed) =>
        $$"""
        {"id": {{job.ApiId}}, "run_id": {{job.RunId}}, "run_attempt": {{job.Attempt}}, "name": "{{job.Name}}", "workflow_name": "{{job.Workflow}}", "status": "{{status}}",
         "conclusion": {{Text(conclusion)}}, "labels": ["self-hosted"], "runner_name": {{Text(runner.Length > 0 ? runner : null)}}, "head_branch": "main",
         "created_at": {{Time(created)}}, "started_at": {{Time(started)}}, "completed_at": {{Time(completed)}}, "steps": []}
        """;

    private static string Text(string? text) => text is null ? "null" : $"\"{text}\"";

    private static string Time(DateTimeOffset? time) => Text(time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
