namespace CiMetrics.Hosting;

/// <summary>The settings of a service: what every service has, and what it declares itself.</summary>
public sealed class ServiceSettings : SettingSet
{
    private Func<ListenAddress?>? _ownAddress;
    private Setting[] _ownParts = [];

    internal ServiceSettings(ServiceInfo info)
        : base(info)
    {
        Group = "Shared flags";
        ExtraLabels = Labels("extra-label", "Label added to every series").FromKey("labels");
        ConfigFile = Text(info.ConfigFlag, "YAML file with settings", placeholder: "file").FromKey(null);
        Web = new WebSettings(this, info.DefaultPort);
        Log = new LogSettings(this);
        Group = "";
        ReserveLabels("collector", "config", "dotnet_version", "generation", "loop", "reason", "revision", "version");
    }

    /// <summary>Labels added to every series (<c>--extra-label</c>, <c>labels:</c> in the file).</summary>
    public Setting<IReadOnlyDictionary<string, string>> ExtraLabels { get; }

    /// <summary>The configuration file.</summary>
    public Setting<string> ConfigFile { get; }

    /// <summary>The settings of the web server.</summary>
    public WebSettings Web { get; }

    /// <summary>The settings of the log.</summary>
    public LogSettings Log { get; }

    /// <summary>True when somebody gave an address.</summary>
    internal bool IsAddressGiven =>
        Web.ListenAddresses.Source != SettingSource.Default || _ownParts.Any(part => part.Source != SettingSource.Default);

    /// <summary>Where the service listens, once the settings are read; without an address it does not.</summary>
    public IReadOnlyList<ListenAddress> Addresses() =>
        _ownAddress is not null
        && (Web.ListenAddresses.Source == SettingSource.Default || Web.ListenAddresses.Source < _ownParts.Max(part => part.Source))
            ? _ownAddress() is { } own ? [own] : []
            : Web.ListenAddresses.Value;

    /// <summary>
    /// Lets two settings of the service's own give the address, for commands that users know with <c>-bind</c> and
    /// <c>-port</c>. <c>--web.listen-address</c> goes over them, unless it comes from a weaker source than they do.
    /// </summary>
    /// <param name="bind">The host: an IP address, IPv6 with or without brackets, or a name.</param>
    /// <param name="port">The port.</param>
    public void ListenOn(Setting<string> bind, Setting<int> port)
    {
        ArgumentNullException.ThrowIfNull(bind);
        ArgumentNullException.ThrowIfNull(port);
        bind.Must(host => ListenAddress.IsHost(WithoutBrackets(host)) ? null : "must be an IP address or a host name");
        _ownAddress = () => new ListenAddress(WithoutBrackets(bind.Value), port.Value);
        _ownParts = [bind, port];
        Web.ListenAddresses.ShownDefault = $"--{bind.Name} and --{port.Name}";
    }

    /// <summary>
    /// Lets one setting of the service's own give the address, for commands that users know with
    /// <c>--listen-address</c>. <c>--web.listen-address</c> goes over it as over <see cref="ListenOn(Setting{string}, Setting{int})"/>.
    /// </summary>
    /// <param name="address">The address, in any form that <c>--web.listen-address</c> takes.</param>
    public void ListenOn(Setting<string> address)
    {
        ArgumentNullException.ThrowIfNull(address);
        address.Must(text => ListenAddress.TryParse(text, Info.DefaultPort, out _) ? null : ListenAddress.Rule);
        _ownAddress = () => ListenAddress.TryParse(address.Value, Info.DefaultPort, out var parsed) ? parsed : throw new InvalidOperationException(ListenAddress.Rule);
        _ownParts = [address];
        Web.ListenAddresses.ShownDefault = $"--{address.Name}";
    }

    /// <summary>
    /// Lets settings of the service's own give the address by a rule of the service's own, or say that it does not
    /// listen at all. <c>--web.listen-address</c> goes over them as over <see cref="ListenOn(Setting{string}, Setting{int})"/>.
    /// </summary>
    /// <param name="address">The address, once the settings are read and checked; null: there is no server.</param>
    /// <param name="parts">The settings that it follows from, whose rules refuse what is no address.</param>
    public void ListenOn(Func<ListenAddress?> address, params Setting[] parts)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(parts);
        _ownAddress = address;
        _ownParts = parts;
        Web.ListenAddresses.ShownDefault = string.Join(" and ", parts.Select(part => $"--{part.Name}"));
    }

    /// <summary>Addresses to listen on, in any form that <c>--web.listen-address</c> takes; repeatable.</summary>
    public Setting<IReadOnlyList<ListenAddress>> Addresses(string name, string help, IReadOnlyList<ListenAddress> defaultValue) =>
        Add(new ListSetting<ListenAddress>(
            name, help, "address", defaultValue, defaultValue.Count == 0 ? null : string.Join(", ", defaultValue),
            (string text, out ListenAddress address) =>
                ListenAddress.TryParse(text, Info.DefaultPort, out address) ? null : ListenAddress.Rule));

    internal Setting<IReadOnlyList<AddressRange>> Ranges(string name, string help) => Add(new RangesSetting(name, help));

    private static string WithoutBrackets(string host) => host is ['[', .. var inner, ']'] ? inner : host;
}
