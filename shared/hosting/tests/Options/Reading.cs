using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>Reads settings from the three sources as a command does, without a process.</summary>
internal sealed class Reading
{
    public Reading()
    {
        Settings = new ServiceSettings(new ServiceInfo { Command = "my-exporter", Title = "My exporter", Description = "Exports", DefaultPort = 9999 });
        Port = Settings.Port("port", "Server port", 8080).Alias("p");
        Bind = Settings.Text("bind", "Bind address", "0.0.0.0", "address");
        Timeout = Settings.Duration("timeout", "Time-out", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)).FromEnvironment("OTHER_TIMEOUT");
        Count = Settings.Number("count", "Count", 3, 1, 9);
        Fast = Settings.Switch("fast", "Faster");
        Color = Settings.OneOf("color", "Color", "red", "red", "green");
        Note = Settings.TextOrEmpty("note", "Note", "none");
        Hosts = Settings.Repeated("host", "Hosts").FromKey("targets.hosts");
        Password = Settings.Secret("password", "Password");
        Settings.ReserveLabels("runner_uuid");
    }

    public ServiceSettings Settings { get; }

    public Setting<int> Port { get; }

    public Setting<string> Bind { get; }

    public Setting<TimeSpan> Timeout { get; }

    public Setting<long> Count { get; }

    public Setting<bool> Fast { get; }

    public Setting<string> Color { get; }

    public Setting<string> Note { get; }

    public Setting<IReadOnlyList<string>> Hosts { get; }

    public Secret Password { get; }

    public string? Command { get; private set; }

    /// <summary>Reads; returns the mistakes. The file is called config.yml in the messages.</summary>
    public List<string> Read(string arguments = "", string? environment = null, string? file = null) =>
        ReadExactly(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), environment, file);

    public List<string> ReadExactly(string[] arguments, string? environment = null, string? file = null)
    {
        using var folder = new TempFolder();
        var path = file is null ? null : folder.Write("config.yml", file);
        var problems = new List<Problem>();
        var commandLine = new CommandLineParser(Settings.Info, Settings.All, [new Subcommand("healthcheck", ""), new Subcommand("help", "")], Settings.OwnArguments)
            .Parse([.. arguments, .. path is null ? Array.Empty<string>() : ["--config-file", path]], problems);
        Command = commandLine.Command;
        var variables = (environment ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        SettingResolver.Resolve(Settings, Settings.ConfigFile, commandLine.Values, variables, problems);
        return [.. problems.Select(problem => problem.ToString().Replace(path ?? "\0", "config.yml", StringComparison.Ordinal))];
    }
}
