namespace CiMetrics.AlloyRunner.Reading;

/// <summary>How serious a line of the runner's log is.</summary>
internal enum LineLevel
{
    /// <summary>Debug and trace.</summary>
    Debug,

    /// <summary>What is written in the normal course.</summary>
    Info,

    /// <summary>A warning: a job that failed, too.</summary>
    Warning,

    /// <summary>An error.</summary>
    Error,

    /// <summary>The runner ends itself.</summary>
    Fatal,

    /// <summary>The runner crashed.</summary>
    Panic,
}
