namespace CiMetrics.AlloyRunner.Reading;

/// <summary>What a message of the runner's log is about.</summary>
internal enum MessageKind
{
    /// <summary>Nothing that is followed.</summary>
    Other,

    /// <summary>A job came from the coordinator.</summary>
    JobReceived,

    /// <summary>The coordinator was asked for a job and had none.</summary>
    NoJob,

    /// <summary>The coordinator did not answer as it should.</summary>
    CoordinatorFailed,

    /// <summary>The coordinator took something of a job.</summary>
    CoordinatorAnswered,

    /// <summary>A job is run now (newer runners).</summary>
    JobAdded,

    /// <summary>A job is not run any more (newer runners).</summary>
    JobRemoved,

    /// <summary>A job ended well.</summary>
    JobSucceeded,

    /// <summary>A job ended otherwise.</summary>
    JobFailed,

    /// <summary>A docker machine is there.</summary>
    MachineCreated,

    /// <summary>A job uses a docker machine.</summary>
    MachineUsed,

    /// <summary>A docker machine is to go.</summary>
    MachineRemoving,

    /// <summary>A docker machine is gone.</summary>
    MachineRemoved,

    /// <summary>The runner began.</summary>
    RunnerStarted,

    /// <summary>The runner has read its configuration.</summary>
    ConfigLoaded,

    /// <summary>The runner could not read its configuration.</summary>
    ConfigFailed,

    /// <summary>The runner has ended its jobs and stops.</summary>
    RunnerStopped,
}

/// <summary>Recognises the messages that are followed, by how they begin.</summary>
internal static class Messages
{
    /// <summary>Whether a message is one that the runner writes without fields, too.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> message) => KindOf(message) != MessageKind.Other;

    /// <summary>What a message is about.</summary>
    public static MessageKind KindOf(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty) return MessageKind.Other;
        return message[0] switch
        {
            (byte)'C' => OfC(message),
            (byte)'J' when message.StartsWith("Job succeeded"u8) => MessageKind.JobSucceeded,
            (byte)'J' when message.StartsWith("Job failed"u8) => MessageKind.JobFailed,
            (byte)'A' when message.StartsWith("Added job to processing list"u8) => MessageKind.JobAdded,
            (byte)'A' when message.StartsWith("Appending trace to coordinator"u8) => Answer(message),
            (byte)'A' when message.StartsWith("All workers stopped"u8) => MessageKind.RunnerStopped,
            (byte)'U' when message.StartsWith("Updating job..."u8) => Answer(message),
            (byte)'M' when message.StartsWith("Machine created"u8) => MessageKind.MachineCreated,
            (byte)'M' when message.StartsWith("Machine removed"u8) => MessageKind.MachineRemoved,
            (byte)'F' when message.StartsWith("Failed to load config"u8) => MessageKind.ConfigFailed,
            (byte)'R' when message.StartsWith("Removed job from processing list"u8) => MessageKind.JobRemoved,
            (byte)'R' when message.StartsWith("Requesting machine removal"u8) || message.StartsWith("Removing machine"u8) => MessageKind.MachineRemoving,
            (byte)'S' => OfS(message),
            _ => MessageKind.Other,
        };
    }

    private static MessageKind OfC(ReadOnlySpan<byte> message)
    {
        if (message.StartsWith("Configuration loaded"u8)) return MessageKind.ConfigLoaded;
        if (!message.StartsWith("Checking for jobs..."u8)) return MessageKind.Other;
        ReadOnlySpan<byte> answer = message[20..].TrimStart((byte)' ');
        return answer switch
        {
            _ when answer.StartsWith("received"u8) => MessageKind.JobReceived,
            _ when answer.StartsWith("nothing"u8) || answer.StartsWith("no content"u8) => MessageKind.NoJob,
            _ => MessageKind.CoordinatorFailed,
        };
    }

    private static MessageKind OfS(ReadOnlySpan<byte> message) => message switch
    {
        _ when message.StartsWith("Starting docker-machine build..."u8) => MessageKind.MachineUsed,
        _ when message.StartsWith("Starting multi-runner"u8) => MessageKind.RunnerStarted,
        _ when message.StartsWith("Stopping machine"u8) => MessageKind.MachineRemoving,
        _ when message.StartsWith("Submitting job to coordinator"u8) => Answer(message),
        _ => MessageKind.Other,
    };

    private static MessageKind Answer(ReadOnlySpan<byte> message)
    {
        int dots = message.IndexOf("..."u8);
        ReadOnlySpan<byte> answer = dots < 0 ? default : message[(dots + 3)..].TrimStart((byte)' ');
        return answer.StartsWith("ok"u8) || answer.StartsWith("accepted"u8) ? MessageKind.CoordinatorAnswered
            : answer.StartsWith("failed"u8) || answer.StartsWith("error"u8) || answer.StartsWith("forbidden"u8) ? MessageKind.CoordinatorFailed
            : MessageKind.Other;
    }
}
