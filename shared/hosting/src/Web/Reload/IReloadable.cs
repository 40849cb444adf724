namespace CiMetrics.Hosting;

/// <summary>Something that was read from files and can be read again while the service runs.</summary>
internal interface IReloadable
{
    /// <summary>What it is called in logs and metrics.</summary>
    string Name { get; }

    /// <summary>A value that stands for the content of its files as it was last read, whether that was refused or not.</summary>
    string Seen { get; }

    /// <summary>The same value for what the files hold now.</summary>
    string Now();

    /// <summary>
    /// Reads again. Takes effect as a whole when all is right; otherwise returns the mistakes and leaves in force what
    /// was.
    /// </summary>
    IReadOnlyList<Problem> Reload();
}
