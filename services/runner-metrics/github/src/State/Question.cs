namespace CiMetrics.GitHubRunner.State;

/// <summary>What GitHub's API is asked.</summary>
/// <param name="Kind">What about.</param>
/// <param name="Repository">The repository, as <c>owner/name</c>.</param>
/// <param name="RunId">The run.</param>
/// <param name="Attempt">The run's attempt.</param>
/// <param name="Runner">Whose jobs; empty where that does not matter.</param>
/// <param name="Job">The job that the runner's log tells of; null where it is about others.</param>
/// <param name="Api">The address of the API that the jobs themselves know; null where nobody says.</param>
internal sealed record Question(QuestionKind Kind, string Repository, long RunId, int Attempt, string Runner, Guid? Job = null, string? Api = null);

/// <summary>What a question is about.</summary>
internal enum QuestionKind
{
    /// <summary>A job that the runner's log tells of.</summary>
    LoggedJob,

    /// <summary>Jobs that only hooks have told of.</summary>
    HookedJobs,

    /// <summary>When the commit was made that a run is of.</summary>
    Commit,
}
