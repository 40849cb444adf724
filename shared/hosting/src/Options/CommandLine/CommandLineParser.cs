using System.CommandLine;

namespace CiMetrics.Hosting;

/// <summary>
/// Splits the command line into flags and subcommand. System.CommandLine does the splitting; its own error texts, help,
/// exit codes, signal handling and response files stay off. Every flag works with one dash and with two.
/// </summary>
internal sealed class CommandLineParser
{
    private readonly Dictionary<Setting, Option> _options = [];
    private readonly Option<bool> _help = Flag("help", ["h"]);
    private readonly Option<bool> _version;
    private readonly Command _root;
    private readonly IReadOnlyList<Setting> _settings;
    private readonly IReadOnlyList<Subcommand> _subcommands;

    /// <summary>Makes a parser for these settings and subcommands.</summary>
    public CommandLineParser(ServiceInfo info, IReadOnlyList<Setting> settings, IReadOnlyList<Subcommand> subcommands)
    {
        _settings = settings;
        _subcommands = subcommands;
        _version = Flag("version", settings.Any(setting => setting.Names.Contains("v", StringComparer.Ordinal)) ? [] : ["v"]);
        _root = new Command(info.Command) { _help, _version };
        foreach (var subcommand in subcommands)
            _root.Add(new Command(subcommand.Name));
        foreach (var setting in settings)
        {
            Option option = setting.Shape == SettingShape.Switch
                ? Flag(setting.Name, setting.Aliases)
                : Option<string[]>(setting.Name, setting.Aliases, ArgumentArity.OneOrMore);
            _options.Add(setting, option);
            _root.Add(option);
        }
    }

    /// <summary>Splits the arguments; mistakes are added to <paramref name="problems"/>.</summary>
    public ParsedCommandLine Parse(IReadOnlyList<string> arguments, List<Problem> problems)
    {
        var configuration = new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null };
        var result = _root.Parse(arguments, configuration);
        var command = result.CommandResult.Command == _root ? null : result.CommandResult.Command.Name;
        UnknownTokens(result, arguments, problems);

        var values = new Dictionary<Setting, List<RawValue>>();
        foreach (var (setting, option) in _options)
        {
            if (result.GetResult(option) is not { Implicit: false } given)
                continue;
            var where = "flag --" + setting.Name;
            var texts = given.Tokens.Select(token => new RawValue(token.Value, where)).ToList();
            if (setting.Shape == SettingShape.Switch && texts.Count == 0)
                texts.Add(new RawValue("true", where));
            else if (setting.Shape != SettingShape.Switch && texts.Count < given.IdentifierTokenCount)
                problems.Add(new Problem(where, "needs a value: --" + setting.Name + " " + setting.Placeholder));
            if (texts.Count > 0)
                values.Add(setting, texts);
        }
        return new ParsedCommandLine(command, IsGiven(result, _help), IsGiven(result, _version), values);
    }

    private static bool IsGiven(ParseResult result, Option<bool> option) =>
        result.GetResult(option) is { Implicit: false };

    private static Option<bool> Flag(string name, IReadOnlyList<string> aliases) =>
        Option<bool>(name, aliases, ArgumentArity.ZeroOrOne);

    private static Option<T> Option<T>(string name, IReadOnlyList<string> aliases, ArgumentArity arity) =>
        new("--" + name, [.. aliases.Prepend(name).SelectMany<string, string>(alias => ["--" + alias, "-" + alias]).Skip(1)])
        {
            Arity = arity,
            Recursive = true,
            AllowMultipleArgumentsPerToken = false,
        };

    private void UnknownTokens(ParseResult result, IReadOnlyList<string> arguments, List<Problem> problems)
    {
        var afterUnknownFlag = false;
        foreach (var token in result.UnmatchedTokens)
        {
            if (token.StartsWith('-') && token.Length > 1)
            {
                // What follows '=' may be a secret whose flag is misspelt: it is not shown.
                var name = token.TrimStart('-').Split('=', 2)[0];
                afterUnknownFlag = !token.Contains('=', StringComparison.Ordinal);
                var known = _settings.SelectMany(setting => setting.Names).Append("help").Append("version");
                var hint = Nearest.Of(name, known) is { } nearest ? "; did you mean --" + nearest + "?" : "";
                problems.Add(new Problem("flag " + Shown.Quoted(token.Split('=', 2)[0]), "is not known" + hint));
            }
            else if (afterUnknownFlag)
            {
                afterUnknownFlag = false;
            }
            else
            {
                problems.Add(Unexpected(token, arguments));
            }
        }
    }

    // A stray word may be the second half of a secret that was not quoted.
    private Problem Unexpected(string token, IReadOnlyList<string> arguments)
    {
        var followsSecret = arguments.TakeWhile(argument => argument != token)
            .Any(argument => _settings.Any(setting => setting.IsSecret && setting.Names.Contains(argument.TrimStart('-').Split('=')[0], StringComparer.Ordinal)));
        if (followsSecret)
            return new Problem("command line", "has a word too many after a secret; put quotes around the secret");
        var names = _subcommands.Select(subcommand => subcommand.Name).ToList();
        return new Problem(
            "argument " + Shown.Quoted(token),
            "is not expected; flags begin with - and the commands are " + string.Join(", ", names) + Nearest.Hint(token, names));
    }
}
