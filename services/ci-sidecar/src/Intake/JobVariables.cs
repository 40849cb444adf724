namespace CiMetrics.Sidecar.Intake;

/// <summary>
/// The variables that a CI system gives to the sidecar, and what each may fill. Only these: a job can write any name
/// into its file, also that of a secret.
/// </summary>
/// <param name="variable">Gives environment variables.</param>
internal sealed class JobVariables(Func<string, string?> variable)
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["id"] = ["CI_JOB_ID"],
        ["started"] = ["CI_JOB_STARTED_AT"],
        ["status"] = ["CI_JOB_STATUS"],
        ["project"] = ["CI_PROJECT_PATH", "CI_PROJECT_NAME", "CI_PROJECT_ID"],
        ["name"] = ["CI_JOB_NAME", "CI_JOB_NAME_SLUG", "CI_JOB_STAGE"],
        ["ref"] = ["CI_COMMIT_REF_NAME", "CI_COMMIT_REF_SLUG", "CI_COMMIT_BRANCH", "CI_COMMIT_TAG"],
        ["url"] = ["CI_JOB_URL"],
    };

    // A service beside the job was given its variables when the job began: it does not know how that ended.
    private const string Running = "running";

    /// <summary>When the sidecar's own job began; null where the CI system does not say.</summary>
    public DateTimeOffset? JobStarted { get; } =
        DateTimeOffset.TryParse(variable("CI_JOB_STARTED_AT"), null, System.Globalization.DateTimeStyles.AssumeUniversal, out DateTimeOffset started) ? started : null;

    /// <summary>
    /// The variable's value where a text is the literal name of a variable that was not expanded (<c>CI_JOB_STATUS</c>,
    /// <c>$CI_JOB_STATUS</c>, <c>${CI_JOB_STATUS}</c>) and may fill the field; else null.
    /// </summary>
    public string? Filled(string field, string text)
    {
        string name = text is ['$', '{', .. string inner, '}'] ? inner : text.TrimStart('$');
        return Allowed.TryGetValue(field, out string[]? names) && names.Contains(name, StringComparer.Ordinal) && variable(name) is { Length: > 0 } value
            && !(field == "status" && value == Running)
            ? value
            : null;
    }
}
