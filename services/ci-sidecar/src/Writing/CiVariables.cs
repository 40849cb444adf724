namespace CiMetrics.Sidecar.Writing;

/// <summary>What a CI system says about the job that runs: GitLab (and AlloyCI), GitHub Actions, Bitbucket Pipelines.</summary>
/// <param name="Id">Stands for this run of this job; null where the system has no such number.</param>
/// <param name="Started">When it began, RFC 3339; null where the system does not say.</param>
/// <param name="Status">How it ended; null where the system does not say.</param>
/// <param name="Project">The project's path.</param>
/// <param name="Name">The job's name.</param>
/// <param name="Reference">Branch or tag.</param>
/// <param name="Url">Where people look at it.</param>
internal sealed record CiVariables(string? Id, string? Started, string? Status, string? Project, string? Name, string? Reference, string? Url)
{
    /// <summary>Reads the variables of whichever system this is.</summary>
    public static CiVariables Read(Func<string, string?> variable)
    {
        string? Of(string name) => variable(name) is { Length: > 0 } value ? value : null;
        if (Of("GITHUB_ACTIONS") == "true") return GitHub(Of);
        return Of("BITBUCKET_BUILD_NUMBER") is not null ? Bitbucket(Of) : GitLab(Of);
    }

    private static CiVariables GitLab(Func<string, string?> of) => new(
        of("CI_JOB_ID"), of("CI_JOB_STARTED_AT"), of("CI_JOB_STATUS"), of("CI_PROJECT_PATH"), of("CI_JOB_NAME"), of("CI_COMMIT_REF_NAME"), of("CI_JOB_URL"));

    // The legs of a matrix share all of these, so none of them is an id. The status is an expression and no variable.
    private static CiVariables GitHub(Func<string, string?> of) => new(
        null, of("JOB_STARTED_AT"), null, of("GITHUB_REPOSITORY"), of("GITHUB_JOB"), of("GITHUB_REF_NAME"),
        of("GITHUB_SERVER_URL") is { } server && of("GITHUB_REPOSITORY") is { } repository && of("GITHUB_RUN_ID") is { } run
            ? $"{server}/{repository}/actions/runs/{run}"
            : null);

    private static CiVariables Bitbucket(Func<string, string?> of) => new(
        of("BITBUCKET_STEP_UUID") is { } step && of("BITBUCKET_STEP_RUN_NUMBER") is { } run ? $"{step}-{run}" : null,
        of("JOB_STARTED_AT"),
        of("BITBUCKET_EXIT_CODE") is { } code ? (code == "0" ? "success" : "failed") : null,
        of("BITBUCKET_REPO_FULL_NAME"),
        null,
        of("BITBUCKET_BRANCH") ?? of("BITBUCKET_TAG"),
        of("BITBUCKET_GIT_HTTP_ORIGIN") is { } origin ? $"{origin}/pipelines/results/{of("BITBUCKET_BUILD_NUMBER")}" : null);
}
