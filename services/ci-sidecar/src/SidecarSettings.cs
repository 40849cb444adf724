using CiMetrics.Durable;
using CiMetrics.Hosting;
using CiMetrics.Sidecar.Delivery;
using CiMetrics.Sidecar.Intake;
using CiMetrics.Sidecar.Writing;

namespace CiMetrics.Sidecar;

/// <summary>The settings of the sidecar and of its commands.</summary>
internal sealed class SidecarSettings
{
    private readonly Setting<string> _receiver;
    private readonly Setting<string> _stale;

    public SidecarSettings(ServiceSettings settings, string command)
    {
        FilePath = settings.Text("file-path", "File that a job writes at its end, or folder of *.json files", placeholder: "path");
        _receiver = settings.Text("receiver-hostname", "Receiver: host, host:port or URL", placeholder: "host")
            .Must(text => ReceiverAddress.TryParse(text, out _) ? null : ReceiverAddress.Rule);
        SpoolFolder = settings.Text("spool-dir", "Folder that keeps events until the receiver has them", StateHome.Of(command) ?? Path.Combine(Path.GetTempPath(), command), "folder");
        Once = settings.Switch("once", "End after the first file");
        Grace = settings.Duration("grace", "How long to go on sending when told to stop", TimeSpan.FromSeconds(4), TimeSpan.Zero, TimeSpan.FromHours(1));
        _stale = settings.OneOf("stale", "What to do with a file older than the own job ($CI_JOB_STARTED_AT)", "send", "send", "drop");
        Settle = settings.Duration(
            "settle", "How long to wait for a file that cannot be understood, without a change, before it is put aside",
            TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Poll = settings.Duration(
            "poll-interval", "Longest time between two looks at the path, where the kernel tells of changes; else a fifth of it",
            TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10));
        GiveUpAfter = settings.Duration("give-up-after", "Age at which an event that the receiver cannot take is put aside; 0s: never", TimeSpan.Zero);
        RequestTimeout = settings.Duration(
            "request-timeout", "How long one attempt may take", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        MostSpooled = settings.Number("spool-max", "Most events in the spool; files stay where they are meanwhile", 10_000, 1, 1_000_000);
        DeadLetters = settings.Switch("dead-letters", "With 'drain': send what was put aside as well");
        Token = settings.Secret("token", "Bearer token for the receiver");
        settings.Web.ListenAddresses.Alias("listen");
        Write = new WriteCommand(settings, FilePath);
    }

    public Setting<string> FilePath { get; }

    public Setting<string> ReceiverHostname => _receiver;

    public Setting<string> SpoolFolder { get; }

    public Setting<bool> Once { get; }

    public Setting<TimeSpan> Grace { get; }

    public Setting<TimeSpan> Settle { get; }

    public Setting<TimeSpan> Poll { get; }

    public Setting<TimeSpan> GiveUpAfter { get; }

    public Setting<TimeSpan> RequestTimeout { get; }

    public Setting<long> MostSpooled { get; }

    public Setting<bool> DeadLetters { get; }

    public Secret Token { get; }

    public WriteCommand Write { get; }

    public bool SendStale => _stale.Value == "send";

    /// <summary>The receiver's <c>/steps</c>.</summary>
    public Uri Receiver => ReceiverAddress.TryParse(_receiver.Value, out Uri address)
        ? address
        : throw new InvalidOperationException("The receiver's address was not checked.");

    /// <summary>How files are taken.</summary>
    public IntakeRules Rules(JobVariables variables) => new()
    {
        Settle = Settle.Value,
        Grace = Grace.Value,
        SendStale = SendStale,
        MostSpooled = MostSpooled.Value,
        Variables = variables,
    };
}
