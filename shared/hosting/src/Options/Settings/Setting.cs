namespace CiMetrics.Hosting;

/// <summary>
/// One thing that the user can set. Flag, environment variable, key of the configuration file, help text, default and
/// error text all follow from its declaration in a <see cref="SettingSet"/>.
/// </summary>
public abstract class Setting
{
    private readonly List<string> _aliases = [];
    private readonly List<string> _environmentVariables = [];

    private protected Setting(string name, string help, SettingShape shape, string placeholder)
    {
        Name = name;
        Help = help;
        Shape = shape;
        Placeholder = placeholder;
        FileKey = name.Replace('-', '_');
    }

    /// <summary>The flag without its dashes.</summary>
    public string Name { get; }

    /// <summary>What it does, in one sentence.</summary>
    public string Help { get; }

    /// <summary>Other flags that mean the same, without dashes.</summary>
    public IReadOnlyList<string> Aliases => _aliases;

    /// <summary>The environment variables that give it; the first one set wins.</summary>
    public IReadOnlyList<string> EnvironmentVariables => _environmentVariables;

    /// <summary>Its key in the configuration file, dots for nesting; null when only flags and environment give it.</summary>
    public string? FileKey { get; private protected set; }

    /// <summary>Where its value came from.</summary>
    public SettingSource Source { get; private protected set; }

    /// <summary>Whether its flag is followed by a value; a switch needs none.</summary>
    public bool TakesValue => Shape != SettingShape.Switch;

    internal SettingShape Shape { get; }

    internal string Placeholder { get; }

    /// <summary>True when one source gave a value that breaks a rule.</summary>
    internal bool IsMistaken { get; private protected set; }

    internal bool IsSecret { get; private protected init; }

    /// <summary>Whether <c>--flag=</c> gives it the empty text, and is no mistake.</summary>
    internal bool MayBeEmpty { get; init; }

    /// <summary>The heading that the help text lists it under; empty for the command's own.</summary>
    public string Group { get; internal set; } = "";

    /// <summary>The default as the help text shows it; null when there is none.</summary>
    public string? DefaultShown => ShownDefault ?? DefaultText;

    /// <summary>The default as text; null when there is none.</summary>
    internal abstract string? DefaultText { get; }

    /// <summary>Overrides the default in the help text, where it follows from other settings.</summary>
    internal string? ShownDefault { get; set; }

    /// <summary>All names of its flag, without dashes.</summary>
    internal IEnumerable<string> Names => _aliases.Prepend(Name);

    /// <summary>
    /// Reads what one source gave and lets it take effect over the sources before it. Called from the weakest to the
    /// strongest source, so that a mistake in a value that another one overrides is found as well.
    /// </summary>
    internal abstract void Apply(SettingSource source, IReadOnlyList<RawValue> values, List<Problem> problems);

    private protected void AddAliases(string[] names) => _aliases.AddRange(names);

    internal void AddEnvironmentVariables(params IEnumerable<string> names) => _environmentVariables.AddRange(names);
}
