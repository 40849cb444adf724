namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>Whose names the runner's metrics have.</summary>
internal enum Profile
{
    /// <summary>Those of the users' document.</summary>
    Doc,

    /// <summary>Those of later AlloyCI runners.</summary>
    Alloy,

    /// <summary>Those of GitLab Runner.</summary>
    GitLab,
}
