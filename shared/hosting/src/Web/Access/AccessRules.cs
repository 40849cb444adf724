namespace CiMetrics.Hosting;

/// <summary>The credentials that let a request in. Replaced as a whole when one of them changes.</summary>
/// <param name="Token">The bearer token, or null.</param>
/// <param name="Users">The users with passwords.</param>
internal sealed record AccessRules(ClearSecret? Token, UserSet Users)
{
    /// <summary>True when requests are let in without any.</summary>
    public bool AreOpen => Token is null && Users.IsEmpty;
}
