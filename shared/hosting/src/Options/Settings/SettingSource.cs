namespace CiMetrics.Hosting;

/// <summary>Where the value of a setting came from; the higher one wins.</summary>
public enum SettingSource
{
    /// <summary>Nobody gave one: the default.</summary>
    Default,

    /// <summary>The configuration file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>The command line.</summary>
    Flag,
}
