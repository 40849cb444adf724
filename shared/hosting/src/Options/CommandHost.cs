using System.Collections;

namespace CiMetrics.Hosting;

/// <summary>
/// Runs a command: reads its settings, answers help and version, refuses mistakes, and only then runs it. Needs no web
/// server.
/// </summary>
internal sealed class CommandHost(
    SettingSet settings,
    Setting<string>? configFile,
    IReadOnlyList<Subcommand> subcommands,
    TextWriter output,
    TextWriter errors)
{
    private static readonly Subcommand Check = new("config check", "Check the settings and the files that they name; exit code 0 or 2");
    private static readonly Subcommand Help = new("help", "Show this text") { Aliases = ["h"] };

    private readonly IReadOnlyList<Subcommand> _all = [.. subcommands, Check, Help];

    /// <summary>Reads the settings and runs the command; returns the exit code.</summary>
    /// <param name="arguments">The command line without the program's name.</param>
    /// <param name="run">Runs the subcommand of this name; null is the command itself.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, Func<string?, Task<int>> run)
    {
        var problems = new List<Problem>();
        var parser = new CommandLineParser(settings.Info, settings.All, _all, settings.OwnArguments);
        var commandLine = parser.Parse(arguments, problems);
        // A command that needs a subcommand tells so when it is called with nothing at all.
        var isBare = settings.Info.StartCommand is not null && arguments.Count == 0;
        if (commandLine.Help || commandLine.Command == Help.Name || isBare)
        {
            await output.WriteAsync(settings.Info.Texts.Help(new HelpPage(settings, _all, Topic(commandLine.Command, arguments))));
            return ExitCode.Stopped;
        }
        if (commandLine.Version)
        {
            await output.WriteLineAsync(settings.Info.Texts.Version(settings.Info));
            return ExitCode.Stopped;
        }

        if (settings.Info.StartCommand is { } start && commandLine.Command is null)
            problems.Add(new Problem("command line", $"must name a command: {start}, {string.Join(", ", subcommands.Select(command => command.Name).Where(name => name != start))}"));
        SettingResolver.Resolve(settings, configFile, commandLine.Values, EnvironmentVariables(), problems);
        problems.AddRange(Missing(parser.ArgumentsOf(commandLine.Command), commandLine.Command));
        if (_all.FirstOrDefault(command => command.Name == commandLine.Command)?.ChecksFiles != false)
            problems.AddRange(settings.FileChecks.SelectMany(check => check.Problems()));
        if (problems.Count == 0 && commandLine.Command == Check.Name)
        {
            await output.WriteLineAsync(settings.Info.Command + ": no mistakes in the settings");
            return ExitCode.Stopped;
        }
        if (problems.Count == 0)
            return await run(commandLine.Command);
        await errors.WriteAsync(Mistakes(problems));
        return ExitCode.Usage;
    }

    private IEnumerable<Problem> Missing(IReadOnlyList<Setting<string>> arguments, string? command) =>
        arguments.Where(argument => argument.Value.Length == 0 && !argument.IsMistaken)
            .Select(argument => new Problem(
                $"argument <{argument.Name}>",
                "must be given: " + string.Join(' ', [settings.Info.Command, .. command is null ? Array.Empty<string>() : [command], .. arguments.Select(each => $"<{each.Name}>")])));

    private static Dictionary<string, string> EnvironmentVariables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

    // "help serve" asks for what "serve --help" does.
    private string? Topic(string? command, IReadOnlyList<string> arguments) => command != Help.Name
        ? command
        : arguments.FirstOrDefault(word => word != Help.Name && _all.Any(each => each.Name == word));

    private string Mistakes(List<Problem> problems) =>
        $"{settings.Info.Command}: {(problems.Count == 1 ? "1 mistake" : problems.Count + " mistakes")} in the settings\n"
        + string.Concat(problems.Select(problem => "  " + problem + "\n"))
        + $"'{settings.Info.Command} --help' shows what is allowed.\n";
}
