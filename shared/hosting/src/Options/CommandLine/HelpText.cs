using System.Text;

namespace CiMetrics.Hosting;

/// <summary>The text of <c>--help</c>: every flag with its meaning, default and environment variable, in groups.</summary>
internal sealed class HelpText : ICommandTexts
{
    /// <inheritdoc/>
    public string Help(HelpPage page)
    {
        var (settings, subcommands) = (page.Settings, page.Commands);
        var info = settings.Info;
        var text = new StringBuilder()
            .Append(info.Command).Append(" - ").AppendLine(info.Description)
            .AppendLine()
            .AppendLine("Usage:")
            .Append("  ").Append(info.Command).Append(" [flags]").Append(Words(settings.OwnArguments)).AppendLine(settings.OwnArguments.Count == 0 ? " [command]" : "");
        if (settings.OwnArguments.Count > 0)
            text.Append("  ").Append(info.Command).AppendLine(" [flags] <command> ...");

        text.AppendLine().AppendLine("Commands:");
        var width = subcommands.Max(command => Shape(command).Length);
        foreach (var command in subcommands)
            text.Append("  ").Append(Shape(command).PadRight(width + 2)).AppendLine(command.Description);

        foreach (var group in settings.All.GroupBy(setting => setting.Group, StringComparer.Ordinal).OrderBy(Rank))
        {
            text.AppendLine().Append(group.Key.Length == 0 ? "Flags" : group.Key).AppendLine(":");
            foreach (var setting in group)
                Append(text, setting);
        }
        return text.AppendLine()
            .AppendLine("Other flags:")
            .AppendLine("  --help, -h").AppendLine("      Show this text")
            .AppendLine("  --version").AppendLine("      Show the version")
            .AppendLine()
            .AppendLine("Flags take one dash or two, and a value after a space or '='. A flag goes over its environment")
            .AppendLine("variable, that over the configuration file, that over the default.")
            .ToString();
    }

    /// <inheritdoc/>
    public string Version(ServiceInfo info) =>
        $"{info.Command} version {info.Version}\n  revision: {info.Revision}\n  .NET: {Environment.Version}";

    private static string Shape(Subcommand command) => command.Name + Words(command.Arguments);

    private static string Words(IReadOnlyList<Setting<string>> arguments) =>
        string.Concat(arguments.Select(argument => " <" + argument.Name + ">"));

    // The command's own flags first, the shared ones after them in the order of their declaration.
    private static int Rank(IGrouping<string, Setting> group) => group.Key.Length == 0 ? 0 : 1;

    private static void Append(StringBuilder text, Setting setting)
    {
        text.Append("  --").Append(setting.Name);
        foreach (var alias in setting.Aliases)
            text.Append(", ").Append(alias.Length == 1 ? "-" : "--").Append(alias);
        if (setting.TakesValue)
            text.Append(' ').Append(setting.Placeholder);
        text.AppendLine(setting.Shape is SettingShape.List or SettingShape.Map or SettingShape.Sections ? " (repeatable)" : "");
        text.Append("      ").Append(setting.Help);
        if (setting.DefaultShown is { } value)
            text.Append(" (default ").Append(value).Append(')');
        text.AppendLine();
        text.Append("      [$").AppendJoin(", $", setting.EnvironmentVariables).Append(']');
        if (setting.FileKey is { } key)
            text.Append(" [file: ").Append(key).Append(']');
        text.AppendLine();
    }
}
