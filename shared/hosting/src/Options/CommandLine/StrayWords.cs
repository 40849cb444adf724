namespace CiMetrics.Hosting;

/// <summary>Says what is wrong with the words of a command line that are neither flag, value nor subcommand.</summary>
internal sealed class StrayWords(IReadOnlyList<Setting> settings, IReadOnlyList<Subcommand> subcommands)
{
    /// <summary>One mistake per word.</summary>
    /// <param name="words">The words in their order.</param>
    /// <param name="arguments">The whole command line.</param>
    public IEnumerable<Problem> Of(IReadOnlyList<string> words, IReadOnlyList<string> arguments)
    {
        // A stray word may be a part of a secret that was not quoted, or the value of a misspelt secret's flag.
        var mayBeSecret = words.Any(IsFlag)
            || settings.Any(setting => setting.IsSecret && setting.Names.Any(name => arguments.Any(argument => Name(argument) == name)));
        var isValue = false;
        foreach (var word in words)
        {
            if (IsFlag(word))
                yield return UnknownFlag(word);
            else if (!isValue)
                yield return StrayWord(word, mayBeSecret);
            isValue = IsFlag(word) && !word.Contains('=', StringComparison.Ordinal);
        }
    }

    /// <summary>Whether a word is written as a flag is.</summary>
    public static bool IsFlag(string word) => word.Length > 1 && word[0] == '-';

    private static string Name(string flag) => IsFlag(flag) ? flag.TrimStart('-').Split('=', 2)[0] : "";

    // What follows '=' is not shown.
    private Problem UnknownFlag(string word)
    {
        var known = settings.SelectMany(setting => setting.Names).Append("help").Append("version");
        var hint = Nearest.Of(Name(word), known) is { } nearest ? "; did you mean --" + nearest + "?" : "";
        return new Problem("flag " + Shown.Quoted(word.Split('=', 2)[0]), "is not known" + hint);
    }

    private Problem StrayWord(string word, bool mayBeSecret)
    {
        if (mayBeSecret)
            return new Problem("command line", "has a word too many; put quotes around values that hold spaces");
        var names = subcommands.Select(subcommand => subcommand.Name).ToList();
        return new Problem(
            "argument " + Shown.Quoted(word),
            "is not expected; flags begin with - and the commands are " + string.Join(", ", names) + Nearest.Hint(word, names));
    }
}
