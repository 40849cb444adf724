namespace CiMetrics.Sidecar.Intake;

/// <summary>How files are taken.</summary>
internal sealed record IntakeRules
{
    /// <summary>How long a file must not have changed before it is read: somebody may still write.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a file that cannot be understood is waited for, without a change, before it is put aside.</summary>
    public required TimeSpan Settle { get; init; }

    /// <summary>Whether files from before the own job are sent; else they are dropped.</summary>
    public required bool SendStale { get; init; }

    /// <summary>How long to wait, when told to stop, for a file that is being written.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>The most events that may wait in the spool; files stay where they are meanwhile.</summary>
    public required long MostSpooled { get; init; }

    /// <summary>What fills unexpanded names, and when the own job began.</summary>
    public required JobVariables Variables { get; init; }
}
