namespace CiMetrics.Receiver.Events;

/// <summary>
/// The values of the label <c>status</c>: GitLab's words, <c>unknown</c> for a variable that was not expanded and
/// <c>other</c> for anything else, so that the label has few values whatever is sent.
/// </summary>
internal static class JobStatus
{
    public const string Other = "other";
    public const string Unknown = "unknown";

    /// <summary>Every value that the label can have.</summary>
    public static readonly IReadOnlyList<string> All = ["success", "failed", "canceled", "timedout", "running", "skipped", Other, Unknown];

    /// <summary>The status of a text; GitHub's and Bitbucket's words are taken for GitLab's. Null: none of them.</summary>
    public static string? Find(string text)
    {
        foreach (string status in All)
        {
            if (text.Equals(status, StringComparison.OrdinalIgnoreCase)) return status;
        }

        return text.ToUpperInvariant() switch
        {
            "FAILURE" => "failed",
            "CANCELLED" => "canceled",
            "SUCCESSFUL" => "success",
            "STOPPED" => "canceled",
            "TIMED_OUT" => "timedout",
            _ => null,
        };
    }
}
