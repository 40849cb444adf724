using System.CommandLine;
using System.CommandLine.Parsing;

namespace CiMetrics.Hosting;

/// <summary>
/// Splits the command line into flags and subcommand. System.CommandLine does the splitting; its own error texts, help,
/// exit codes, signal handling and response files stay off. Every flag works with one dash and with two.
/// </summary>
internal sealed class CommandLineParser
{
    // No argument of a process holds such a character.
    private const string Nothing = "\0";

    private readonly Dictionary<Setting, Option<string[]>> _options = [];
    private readonly Option<bool> _help = Flag("help", ["h"]);
    private readonly Option<bool> _version;
    private readonly Command _root;
    private readonly IReadOnlyList<Setting> _settings;
    private readonly IReadOnlyList<Subcommand> _subcommands;
    private readonly IReadOnlyList<Setting<string>> _arguments;

    /// <summary>Makes a parser for these settings and subcommands.</summary>
    /// <param name="info">The command.</param>
    /// <param name="settings">All settings.</param>
    /// <param name="subcommands">The words that make it do something else.</param>
    /// <param name="arguments">The settings that the words after the bare command give.</param>
    public CommandLineParser(
        ServiceInfo info, IReadOnlyList<Setting> settings, IReadOnlyList<Subcommand> subcommands, IReadOnlyList<Setting<string>> arguments)
    {
        _settings = settings;
        _subcommands = subcommands;
        _arguments = arguments;
        _version = Flag("version", settings.Any(setting => setting.Names.Contains("v", StringComparer.Ordinal)) ? [] : ["v"]);
        _root = new Command(info.Command) { _help, _version };
        RefuseDuplicates(settings);
        foreach (var subcommand in subcommands)
            Add(_root, subcommand);
        foreach (var setting in settings)
        {
            var option = Option<string[]>(setting.Name, setting.Aliases, ArgumentArity.OneOrMore);
            _options.Add(setting, option);
            _root.Add(option);
        }
    }

    /// <summary>Splits the arguments; mistakes are added to <paramref name="problems"/>.</summary>
    public ParsedCommandLine Parse(IReadOnlyList<string> arguments, List<Problem> problems)
    {
        var configuration = new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null };
        var result = _root.Parse([.. SpeltOut(arguments)], configuration);
        var command = Name(result.CommandResult);
        if (command is not null && _subcommands.All(subcommand => subcommand.Name != command))
            problems.Add(new Problem("command line", "must go on after " + command + ": " + string.Join(", ", Names().Where(name => name.StartsWith(command + " ", StringComparison.Ordinal)))));
        var values = new Dictionary<Setting, List<RawValue>>();
        var words = TakeArguments(ArgumentsOf(command), result.UnmatchedTokens, values);
        problems.AddRange(new StrayWords(_settings, _subcommands).Of(words, arguments));

        foreach (var (setting, option) in _options)
        {
            if (result.GetResult(option) is not { Implicit: false } given)
                continue;
            var where = "flag --" + setting.Name;
            var texts = given.Tokens.Where(token => token.Value != Nothing || setting.MayBeEmpty)
                .Select(token => new RawValue(token.Value == Nothing ? "" : token.Value, where)).ToList();
            if (texts.Count < given.IdentifierTokenCount)
                problems.Add(new Problem(where, ("needs a value: --" + setting.Name + " " + setting.Placeholder).TrimEnd()));
            if (texts.Count > 0)
                values[setting] = texts;
        }
        return new ParsedCommandLine(command, IsGiven(result, _help), IsGiven(result, _version), values);
    }

    /// <summary>The settings that the words after a command give; null is the bare command.</summary>
    public IReadOnlyList<Setting<string>> ArgumentsOf(string? command) =>
        command is null ? _arguments : _subcommands.FirstOrDefault(subcommand => subcommand.Name == command)?.Arguments ?? [];

    // Where there is an unknown flag, nobody knows which of the words is its value.
    private static IReadOnlyList<string> TakeArguments(
        IReadOnlyList<Setting<string>> arguments, IReadOnlyList<string> words, Dictionary<Setting, List<RawValue>> values)
    {
        if (words.Any(StrayWords.IsFlag))
            return words;
        foreach (var (argument, word) in arguments.Zip(words))
            values.Add(argument, [new RawValue(word, "argument <" + argument.Name + ">")]);
        return [.. words.Skip(arguments.Count)];
    }

    private static void RefuseDuplicates(IReadOnlyList<Setting> settings)
    {
        var names = new HashSet<string>(["help", "h", "version"], StringComparer.Ordinal);
        foreach (var name in settings.SelectMany(setting => setting.Names))
        {
            if (!names.Add(name))
                throw new InvalidOperationException("The flag --" + name + " is declared twice.");
        }
    }

    // "config check" is a command below the command config, which is none by itself.
    private static void Add(Command parent, Subcommand subcommand)
    {
        foreach (var word in subcommand.Name.Split(' '))
        {
            var next = parent.Subcommands.FirstOrDefault(command => command.Name == word);
            if (next is null)
                parent.Add(next = new Command(word));
            parent = next;
        }
        foreach (var alias in subcommand.Aliases)
            parent.Aliases.Add(alias);
    }

    private static string? Name(SymbolResult? result) =>
        result is CommandResult { Parent: { } parent, Command.Name: var name }
            ? Name(parent) is { } before ? before + " " + name : name
            : null;

    private IEnumerable<string> Names() => _subcommands.Select(subcommand => subcommand.Name);

    private static bool IsGiven(ParseResult result, Option<bool> option) =>
        result.GetResult(option) is { Implicit: false };

    // --switch becomes --switch=true: a word after it is never its value. Nor is one after --flag=, which ends in nothing.
    private IEnumerable<string> SpeltOut(IReadOnlyList<string> arguments)
    {
        Setting? awaitsValue = null;
        foreach (var argument in arguments)
        {
            var flag = awaitsValue is not null || !argument.StartsWith('-') ? null
                : _settings.FirstOrDefault(setting => setting.Names.Any(name => argument == "-" + name || argument == "--" + name));
            var endsInNothing = flag is null && awaitsValue is null && argument.EndsWith('=') && _settings.Any(setting => setting.Names.Any(name => argument == "-" + name + "=" || argument == "--" + name + "="));
            yield return flag is { Shape: SettingShape.Switch } ? argument + "=true" : endsInNothing ? argument + Nothing : argument;
            awaitsValue = flag is { Shape: not SettingShape.Switch } ? flag : null;
        }
    }

    private static Option<bool> Flag(string name, IReadOnlyList<string> aliases) =>
        Option<bool>(name, aliases, ArgumentArity.ZeroOrOne);

    private static Option<T> Option<T>(string name, IReadOnlyList<string> aliases, ArgumentArity arity) =>
        new("--" + name, [.. aliases.Prepend(name).SelectMany<string, string>(alias => ["--" + alias, "-" + alias]).Skip(1)])
        {
            Arity = arity,
            Recursive = true,
            AllowMultipleArgumentsPerToken = false,
        };
}
