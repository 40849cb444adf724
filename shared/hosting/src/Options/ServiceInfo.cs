using System.Reflection;

namespace CiMetrics.Hosting;

/// <summary>What a command says about itself: its name, its texts and the names that follow from them.</summary>
public sealed record ServiceInfo
{
    private readonly string? _environmentPrefix;

    /// <summary>The name that a user types, for example <c>bitbucket-runner-exporter</c>.</summary>
    public required string Command { get; init; }

    /// <summary>The name that a user reads, for example on the landing page.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence for the help text and the landing page.</summary>
    public required string Description { get; init; }

    /// <summary>The TCP port listened on when nothing else is said.</summary>
    public int DefaultPort { get; init; } = 8080;

    /// <summary>Whether the service listens without being told to. One that does not loads no web server then.</summary>
    public bool ListensByDefault { get; init; } = true;

    /// <summary>
    /// What the environment variables of this command begin with. Without a value of its own it is the command in
    /// capitals and two underscores: the name of a Kubernetes Service cannot end in <c>-</c>, so the variables that
    /// Kubernetes makes for a Service (<c>NAME_PORT=tcp://...</c>) never begin so.
    /// </summary>
    public string EnvironmentPrefix
    {
        get => _environmentPrefix ?? Command.ToUpperInvariant().Replace('-', '_') + "__";
        init => _environmentPrefix = value;
    }

    /// <summary>The flag that names the configuration file, without dashes.</summary>
    public string ConfigFlag { get; init; } = "config-file";

    /// <summary>The subcommand that starts the service (<c>serve</c>, <c>run</c>); null: the bare command does.</summary>
    public string? StartCommand { get; init; }

    /// <summary>
    /// What the metrics of the own process begin with: empty gives <c>process_*</c>; <c>exporter_</c> is for services
    /// whose <c>process_*</c> describe another process.
    /// </summary>
    public string ProcessMetricsPrefix { get; init; } = "";

    /// <summary>How it words its help and its version.</summary>
    public ICommandTexts Texts { get; init; } = new HelpText();

    /// <summary>The version of the program, without the revision.</summary>
    public string Version { get; init; } = BuildVersion.Current.Version;

    /// <summary>The commit that the program was built from, or <c>unknown</c>.</summary>
    public string Revision { get; init; } = BuildVersion.Current.Revision;

    private sealed record BuildVersion(string Version, string Revision)
    {
        public static BuildVersion Current { get; } = Read();

        private static BuildVersion Read()
        {
            var text = (Assembly.GetEntryAssembly() ?? typeof(ServiceInfo).Assembly)
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            var parts = text.Split('+', 2);
            return new BuildVersion(parts[0], parts.Length == 2 ? parts[1] : "unknown");
        }
    }
}
