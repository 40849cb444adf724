namespace CiMetrics.Hosting;

/// <summary>What a given password is held against.</summary>
internal interface IPassword
{
    /// <summary>True for the right password. The time taken does not depend on where a wrong one differs.</summary>
    bool Matches(ReadOnlySpan<byte> password);
}
