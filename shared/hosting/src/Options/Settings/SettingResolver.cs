namespace CiMetrics.Hosting;

/// <summary>
/// Brings the three sources together: flag over environment variable over configuration file over default, for every
/// setting. All mistakes of all sources are found, also in values that a stronger source overrides.
/// </summary>
internal static class SettingResolver
{
    /// <summary>Gives every setting its value.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="configFile">The setting that names the configuration file.</param>
    /// <param name="flags">What the command line gave.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="problems">Where mistakes go.</param>
    public static void Resolve(
        SettingSet settings,
        Setting<string>? configFile,
        Dictionary<Setting, List<RawValue>> flags,
        IReadOnlyDictionary<string, string> environment,
        List<Problem> problems)
    {
        var variables = EnvironmentReader.Read(settings, environment, problems);
        var file = configFile is not null
            && (flags.GetValueOrDefault(configFile) ?? variables.GetValueOrDefault(configFile)) is [.., { Text.Length: > 0 } path]
                ? ConfigFileReader.Read(path.Text, path.Where, settings.All, problems)
                : [];

        foreach (var setting in settings.All)
        {
            Apply(setting, SettingSource.File, file, problems);
            Apply(setting, SettingSource.Environment, variables, problems);
            Apply(setting, SettingSource.Flag, flags, problems);
        }

        problems.AddRange(settings.Checks.SelectMany(check => check.Problems()));
    }

    private static void Apply(
        Setting setting, SettingSource source, Dictionary<Setting, List<RawValue>> given, List<Problem> problems)
    {
        if (given.TryGetValue(setting, out var values) && (values.Count > 0 || setting.Shape is SettingShape.List or SettingShape.Map or SettingShape.Sections))
            setting.Apply(source, values, problems);
    }
}
