using System.Collections;

namespace CiMetrics.Hosting;

/// <summary>
/// Runs a command: reads its settings, answers help and version, refuses mistakes, and only then runs it. Needs no web
/// server.
/// </summary>
internal sealed class CommandHost(SettingSet settings, Setting<string>? configFile, IReadOnlyList<Subcommand> subcommands)
{
    private static readonly Subcommand Help = new("help", "Show this text");

    private readonly IReadOnlyList<Subcommand> _all = [.. subcommands, Help];

    /// <summary>Reads the settings and runs the command; returns the exit code.</summary>
    /// <param name="arguments">The command line without the program's name.</param>
    /// <param name="run">Runs the subcommand of this name; null is the bare command.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, Func<string?, Task<int>> run)
    {
        var problems = new List<Problem>();
        var commandLine = new CommandLineParser(settings.Info, settings.All, _all).Parse(arguments, problems);
        if (commandLine.Help || commandLine.Command == Help.Name)
        {
            await Console.Out.WriteAsync(HelpText.Of(settings, _all));
            return ExitCode.Stopped;
        }
        if (commandLine.Version)
        {
            await Console.Out.WriteLineAsync(VersionText());
            return ExitCode.Stopped;
        }

        SettingResolver.Resolve(settings, configFile, commandLine.Values, EnvironmentVariables(), problems);
        if (problems.Count == 0)
            return await run(commandLine.Command);
        await Console.Error.WriteAsync(Mistakes(problems));
        return ExitCode.Usage;
    }

    private static Dictionary<string, string> EnvironmentVariables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

    private string VersionText() =>
        $"{settings.Info.Command} version {settings.Info.Version}\n  revision: {settings.Info.Revision}\n  .NET: {Environment.Version}";

    private string Mistakes(List<Problem> problems) =>
        $"{settings.Info.Command}: {(problems.Count == 1 ? "1 mistake" : problems.Count + " mistakes")} in the settings\n"
        + string.Concat(problems.Select(problem => "  " + problem + "\n"))
        + $"'{settings.Info.Command} --help' shows what is allowed.\n";
}
