namespace CiMetrics.RunnerMetrics.Following;

/// <summary>Whether a log can be followed now.</summary>
public enum FollowState
{
    /// <summary>There is a file and it is read.</summary>
    Reading,

    /// <summary>There is no file of that name.</summary>
    Missing,

    /// <summary>There is one, which cannot be read or is no file: <see cref="LogFollower.Problem"/> says why.</summary>
    Refused,
}
