namespace CiMetrics.Hosting;

/// <summary>What a command's exit code says.</summary>
public static class ExitCode
{
    /// <summary>Stopped as asked.</summary>
    public const int Stopped = 0;

    /// <summary>Failed: the log says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line, an environment variable or the configuration file holds a mistake.</summary>
    public const int Usage = 2;
}
