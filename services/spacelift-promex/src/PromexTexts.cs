using System.Text;
using CiMetrics.Hosting;

namespace CiMetrics.Spacelift;

/// <summary>Help and version as users of the Spacelift exporter know them.</summary>
internal sealed class PromexTexts : ICommandTexts
{
    /// <inheritdoc/>
    public string Help(HelpPage page) => page.Command is { } command ? CommandHelp(page, command) : GlobalHelp(page);

    /// <inheritdoc/>
    public string Version(ServiceInfo info) => $"{info.Command} version {info.Version}";

    private static string GlobalHelp(HelpPage page)
    {
        ServiceInfo info = page.Settings.Info;
        StringBuilder text = new();
        Section(text, "NAME", $"{info.Command} - {info.Description}");
        Section(text, "USAGE", $"{info.Command} [global options] command [command options] [arguments...]");
        Section(text, "VERSION", info.Version);
        Section(text, "COMMANDS", Columns([.. page.Commands.Select(command => (Names(command), Description(info, command)))]));
        Section(text, "GLOBAL OPTIONS", Columns([("--help, -h", "show help (default: false)"), ("--version, -v", "print the version (default: false)")]));
        return text.AppendLine().AppendLine("COPYRIGHT:").AppendLine("   Copyright (c) 2026 The CI Runner Metrics authors").ToString();
    }

    private static string CommandHelp(HelpPage page, string name)
    {
        ServiceInfo info = page.Settings.Info;
        Subcommand command = page.Commands.First(command => command.Name == name);
        StringBuilder text = new();
        Section(text, "NAME", $"{info.Command} {name} - {Description(info, command)}");
        Section(text, "USAGE", $"{info.Command} {name} [command options] [arguments...]");
        foreach (IGrouping<string, Setting> group in page.Settings.All.GroupBy(setting => setting.Group, StringComparer.Ordinal).OrderBy(group => group.Key.Length))
            Section(text, group.Key.Length == 0 ? "OPTIONS" : "SHARED OPTIONS", Columns([.. group.OrderBy(setting => setting.Name, StringComparer.Ordinal).Select(Option)]));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Names(Subcommand command) => string.Join(", ", command.Aliases.Prepend(command.Name));

    private static string Description(ServiceInfo info, Subcommand command) =>
        command.Name == info.StartCommand ? "Starts the Prometheus exporter"
        : command.Name == "help" ? "Shows a list of commands or help for one command"
        : command.Description;

    private static (string Names, string Text) Option(Setting setting)
    {
        string value = setting.TakesValue ? " value" : "";
        string names = string.Join(", ", setting.Aliases.Prepend(setting.Name).Select(name => (name.Length == 1 ? "-" : "--") + name + value));
        string variables = string.Join(", ", setting.EnvironmentVariables.Select(variable => "$" + variable));
        return (names, $"{setting.Help}{Default(setting)} [{variables}]");
    }

    private static string Default(Setting setting) =>
        !setting.TakesValue ? $" (default: {setting.DefaultShown ?? "false"})"
        : setting.DefaultShown is not { } value ? ""
        : setting is Setting<string> ? $" (default: \"{value}\")"
        : $" (default: {value})";

    private static void Section(StringBuilder text, string title, string body) =>
        text.Append(title).AppendLine(":").Append("   ").AppendLine(body.Replace("\n", "\n   ", StringComparison.Ordinal)).AppendLine();

    private static string Columns(IReadOnlyList<(string Left, string Right)> rows)
    {
        int width = rows.Max(row => row.Left.Length);
        return string.Join('\n', rows.Select(row => row.Left.PadRight(width + 2) + row.Right));
    }
}
