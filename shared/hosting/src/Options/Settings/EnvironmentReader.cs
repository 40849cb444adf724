namespace CiMetrics.Hosting;

/// <summary>Finds the environment variables of the settings. An empty variable counts as not set.</summary>
internal static class EnvironmentReader
{
    /// <summary>What the environment gives; a variable with our prefix that no setting has is a mistake.</summary>
    public static Dictionary<Setting, List<RawValue>> Read(
        SettingSet settings, IReadOnlyDictionary<string, string> environment, List<Problem> problems)
    {
        var values = new Dictionary<Setting, List<RawValue>>();
        foreach (var setting in settings.All)
        {
            foreach (var name in setting.EnvironmentVariables)
            {
                if (environment.GetValueOrDefault(name) is not { Length: > 0 } text)
                    continue;
                var where = $"environment variable {name} (--{setting.Name})";
                var texts = setting.Shape is SettingShape.List or SettingShape.Map or SettingShape.Sections
                    ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    : [text];
                values.Add(setting, [.. texts.Select(item => new RawValue(item, where))]);
                break;
            }
        }
        Unknown(settings, environment, problems);
        return values;
    }

    private static void Unknown(
        SettingSet settings, IReadOnlyDictionary<string, string> environment, List<Problem> problems)
    {
        var known = settings.All.SelectMany(setting => setting.EnvironmentVariables).ToHashSet(StringComparer.Ordinal);
        foreach (var name in environment.Keys.Order(StringComparer.Ordinal))
        {
            // A prefix without the double underscore may be shared with programs that are not ours.
            if (settings.Info.EnvironmentPrefix.EndsWith("__", StringComparison.Ordinal)
                && name.StartsWith(settings.Info.EnvironmentPrefix, StringComparison.Ordinal)
                && !known.Contains(name))
            {
                problems.Add(new Problem("environment variable " + name, "is not known" + Nearest.Hint(name, known)));
            }
        }
    }
}
