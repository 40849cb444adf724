namespace CiMetrics.Hosting;

/// <summary>A secret that can be given as itself or as a file that holds it.</summary>
public sealed class Secret
{
    private readonly Setting<string?> _text;
    private readonly Setting<string?> _file;

    internal Secret(Setting<string?> text, Setting<string?> file) => (_text, _file) = (text, file);

    /// <summary>The secret, or null when none was given. The stronger source wins.</summary>
    public string? Value => _file.Source > _text.Source ? _file.Value : _text.Value;

    /// <summary>The secret as its file has it at this moment, for secrets that are rotated between two uses.</summary>
    /// <param name="problem">Why the file cannot be used; the value from before is returned then.</param>
    public string? ReadAgain(out string? problem)
    {
        problem = null;
        if (_file.Source <= _text.Source)
            return Value;
        var problems = new List<Problem>();
        var now = ((SecretFileSetting)_file).ReadAgain(problems);
        problem = problems.Count == 0 ? null : problems[0].ToString();
        return now ?? Value;
    }

    /// <summary>The setting that takes the secret itself.</summary>
    public Setting<string?> Text => _text;

    /// <summary>The setting that takes the path of a file holding the secret.</summary>
    public Setting<string?> File => _file;

    /// <summary>Says so when one source gives both.</summary>
    internal IEnumerable<string> Conflict() =>
        _text.Source != SettingSource.Default && _text.Source == _file.Source
            ? [$"--{_text.Name} and --{_file.Name} must not both be given"]
            : [];
}
