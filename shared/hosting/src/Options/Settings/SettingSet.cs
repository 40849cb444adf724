using System.Globalization;

namespace CiMetrics.Hosting;

/// <summary>
/// The settings of a command. One declaration gives a setting its flag (<c>-name</c> and <c>--name</c>), environment
/// variable, key in the configuration file, help text, default and error text.
/// </summary>
public class SettingSet
{
    private readonly List<Setting> _settings = [];
    private readonly List<SettingCheck> _checks = [];
    private readonly List<SettingCheck> _fileChecks = [];
    private readonly List<string> _takenLabels = [];

    /// <summary>Makes an empty set.</summary>
    /// <param name="info">The command whose settings these are.</param>
    public SettingSet(ServiceInfo info) => Info = info;

    /// <summary>The command whose settings these are.</summary>
    public ServiceInfo Info { get; }

    /// <summary>All settings in the order of their declaration.</summary>
    public IReadOnlyList<Setting> All => _settings;

    /// <summary>The heading under which the help text lists what is declared next.</summary>
    internal string Group { get; set; } = "";

    internal IReadOnlyList<SettingCheck> Checks => _checks;

    /// <summary>Checks of files that a service can live without reading again: made only by commands that need them.</summary>
    internal IReadOnlyList<SettingCheck> FileChecks => _fileChecks;

    /// <summary>The subcommands that the service brings.</summary>
    internal List<Subcommand> Commands { get; } = [];

    /// <summary>The settings that the words after the bare command give.</summary>
    internal IReadOnlyList<Setting<string>> OwnArguments { get; private set; } = [];

    /// <summary>A text of at least one character.</summary>
    public Setting<string> Text(string name, string help, string defaultValue = "", string placeholder = "text") =>
        Add(new SingleSetting<string>(
            name, help, SettingShape.Single, placeholder, defaultValue, defaultValue.Length == 0 ? null : defaultValue, Readers.Text));

    /// <summary>A text that may be given empty, which says something else than not to give it.</summary>
    public Setting<string> TextOrEmpty(string name, string help, string defaultValue, string placeholder = "text") =>
        Add(new SingleSetting<string>(
            name, help, SettingShape.Single, placeholder, defaultValue, defaultValue.Length == 0 ? null : defaultValue, Readers.AnyText)
        {
            MayBeEmpty = true,
        });

    /// <summary>A whole number between two bounds.</summary>
    public Setting<long> Number(
        string name, string help, long defaultValue, long min = 0, long max = long.MaxValue, string placeholder = "number") =>
        Add(new SingleSetting<long>(
            name, help, SettingShape.Single, placeholder, defaultValue,
            defaultValue.ToString(CultureInfo.InvariantCulture), Readers.Integer(min, max)));

    /// <summary>A TCP port, 0 to 65535; 0 lets the system choose.</summary>
    public Setting<int> Port(string name, string help, int defaultValue) =>
        Add(new SingleSetting<int>(
            name, help, SettingShape.Single, "port", defaultValue,
            defaultValue.ToString(CultureInfo.InvariantCulture), Readers.Port));

    /// <summary>A duration in Go's syntax (<c>5s</c>, <c>1m30s</c>) between two bounds.</summary>
    public Setting<TimeSpan> Duration(
        string name, string help, TimeSpan defaultValue, TimeSpan? min = null, TimeSpan? max = null) =>
        Add(new SingleSetting<TimeSpan>(
            name, help, SettingShape.Single, "duration", defaultValue, GoDuration.Format(defaultValue),
            Readers.Duration(min ?? TimeSpan.Zero, max ?? TimeSpan.MaxValue)));

    /// <summary>On or off; the bare flag turns it on, <c>=false</c> off.</summary>
    public Setting<bool> Switch(string name, string help, bool defaultValue = false) =>
        Add(new SingleSetting<bool>(
            name, help, SettingShape.Switch, "", defaultValue, defaultValue ? "true" : null, Readers.Boolean));

    /// <summary>One of a few words.</summary>
    public Setting<string> OneOf(string name, string help, string defaultValue, params string[] words) =>
        Add(new SingleSetting<string>(
            name, help, SettingShape.Single, string.Join('|', words), defaultValue, defaultValue, Readers.OneOf(words)));

    /// <summary>A text that can be given several times; an environment variable separates the texts by commas.</summary>
    public Setting<IReadOnlyList<string>> Repeated(string name, string help, string placeholder = "text") =>
        Add(new ListSetting<string>(name, help, placeholder, [], null, Readers.Text));

    /// <summary>
    /// Labels: <c>name=value</c>, repeatable; a mapping in the file; separated by commas in an environment variable.
    /// Merged per name. The names that <see cref="ReserveLabels"/> was told are refused.
    /// </summary>
    public Setting<IReadOnlyDictionary<string, string>> Labels(string name, string help) =>
        Add(new LabelsSetting(name, help, _takenLabels));

    /// <summary>
    /// Named groups of keys and values: a mapping of mappings in the file; <c>name.key=value</c>, repeatable, on the
    /// command line; separated by commas in an environment variable. Merged per name and key.
    /// </summary>
    /// <param name="name">The flag.</param>
    /// <param name="help">What they are.</param>
    /// <param name="keys">The keys that a group may have.</param>
    public Setting<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> Sections(string name, string help, params IReadOnlyList<string> keys) =>
        Add(new SectionsSetting(name, help, keys));

    /// <summary>A secret: <c>--name</c>, or <c>--name-file</c> with the path of a file that holds it.</summary>
    public Secret Secret(string name, string help)
    {
        var text = Add(new SecretSetting(name, help));
        var file = Add(new SecretFileSetting(name + "-file", "File that holds the value of --" + name));
        var secret = new Secret(text, file);
        AddCheck(secret.Conflict, text, file);
        return secret;
    }

    /// <summary>Label names that the service's own metrics carry: users cannot add labels of these names.</summary>
    public void ReserveLabels(params string[] names) => _takenLabels.AddRange(names);

    /// <summary>
    /// A check over several settings, made once each of them is valid: returns a message for every mistake, naming the
    /// flags.
    /// </summary>
    /// <param name="check">The check.</param>
    /// <param name="over">The settings that it reads; none: all of them.</param>
    public void AddCheck(Func<IEnumerable<string>> check, params Setting[] over) =>
        _checks.Add(new SettingCheck(() => check().Select(rule => new Problem("settings", rule)), over is null or [] ? _settings : over));

    /// <summary>Loads and checks a file that settings name; its mistakes say where they are.</summary>
    internal void AddFileCheck(Func<IEnumerable<Problem>> check, params Setting[] over) => _fileChecks.Add(new SettingCheck(check, over));

    /// <summary>
    /// Lets the words after the bare command give settings, in this order: <c>exporter FILE HOST</c>. The command needs
    /// all of them, from there or from any other source.
    /// </summary>
    public void Arguments(params IReadOnlyList<Setting<string>> settings) => OwnArguments = settings;

    /// <summary>Adds a subcommand.</summary>
    /// <param name="name">The word, for example <c>check</c>.</param>
    /// <param name="description">What it does, for the help text.</param>
    /// <param name="run">Does it, once all settings are read, and returns the exit code.</param>
    /// <param name="arguments">The settings that the words after it give, all of which it needs.</param>
    public void AddCommand(
        string name, string description, Func<CommandContext, Task<int>> run, params IReadOnlyList<Setting<string>> arguments) =>
        Commands.Add(new Subcommand(name, description, arguments) { Run = run });

    private protected TSetting Add<TSetting>(TSetting setting)
        where TSetting : Setting
    {
        setting.Group = Group;
        setting.AddEnvironmentVariables(
            Info.EnvironmentPrefix + setting.Name.ToUpperInvariant().Replace('-', '_').Replace('.', '_'));
        _settings.Add(setting);
        return setting;
    }
}
