namespace CiMetrics.Hosting;

/// <summary>How a setting is written: it decides what a flag takes and what the configuration file may hold.</summary>
internal enum SettingShape
{
    /// <summary>One value.</summary>
    Single,

    /// <summary>True or false; the bare flag means true.</summary>
    Switch,

    /// <summary>A repeatable flag; a sequence in the file; separated by commas in an environment variable.</summary>
    List,

    /// <summary>A repeatable <c>key=value</c> flag; a mapping in the file.</summary>
    Map,

    /// <summary>A repeatable <c>name.key=value</c> flag; a mapping of mappings in the file.</summary>
    Sections,
}
