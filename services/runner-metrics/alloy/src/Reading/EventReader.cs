using System.Buffers.Text;
using System.Text;
using CiMetrics.AlloyRunner.State;

namespace CiMetrics.AlloyRunner.Reading;

/// <summary>What a line of the runner's log says has happened.</summary>
internal static class EventReader
{
    private const int LongestName = 128;

    /// <summary>Whether a line that was recognised lacks what it needs to count.</summary>
    public enum Outcome
    {
        /// <summary>Nothing that is followed.</summary>
        Nothing,

        /// <summary>One event, or two.</summary>
        Events,

        /// <summary>A followed message without the field that it always has.</summary>
        Incomplete,
    }

    /// <summary>Reads the events of a line.</summary>
    /// <param name="entry">The line.</param>
    /// <param name="when">When it was written, as far as that is known.</param>
    /// <param name="apply">Gets the events.</param>
    public static Outcome Read(in LogEntry entry, DateTimeOffset? when, Action<RunnerEvent> apply)
    {
        MessageKind kind = Messages.KindOf(entry.Message);
        // Most lines are nothing of that kind, and many of them say how many jobs are run.
        bool mayHaveBuilds = entry.Fields.IndexOf("builds"u8) >= 0;
        if (kind == MessageKind.Other && !mayHaveBuilds) return Outcome.Nothing;

        RunnerEvent? found = Of(kind, entry, out bool isIncomplete);
        if (isIncomplete) return Outcome.Incomplete;
        if (found is not null) apply(found with { When = when });
        if (mayHaveBuilds && Number(entry, "builds"u8) is { } builds) apply(new RunnerEvent.BuildCount(builds) { When = when });
        return Outcome.Events;
    }

    private static RunnerEvent? Of(MessageKind kind, in LogEntry entry, out bool isIncomplete)
    {
        isIncomplete = false;
        switch (kind)
        {
            case MessageKind.JobReceived or MessageKind.JobAdded:
                return Number(entry, "job"u8) is { } started
                    ? new RunnerEvent.JobStarted(started, Runner(entry)) { QueueSeconds = Seconds(entry, "time_in_queue_seconds"u8) }
                    : Incomplete(out isIncomplete);
            case MessageKind.JobRemoved:
                return Number(entry, "job"u8) is { } gone ? new RunnerEvent.JobGone(gone) : Incomplete(out isIncomplete);
            case MessageKind.JobSucceeded or MessageKind.JobFailed:
                return Number(entry, "job"u8) is { } finished
                    ? new RunnerEvent.JobFinished(finished, Runner(entry), ResultOf(kind, entry)) { Seconds = Seconds(entry, "duration_s"u8) ?? Duration(entry, "duration"u8) }
                    : Incomplete(out isIncomplete);
            // logrus has a time of its own, and calls this one otherwise then.
            case MessageKind.MachineCreated:
                return Text(entry, "name"u8) is { } created ? new RunnerEvent.MachineCreated(created, Duration(entry, "time"u8) ?? Duration(entry, "fields.time"u8) ?? Duration(entry, "duration"u8)) : Incomplete(out isIncomplete);
            case MessageKind.MachineUsed:
                return new RunnerEvent.MachineUsed(Text(entry, "name"u8) ?? "", Number(entry, "job"u8));
            case MessageKind.MachineRemoving:
                return Text(entry, "name"u8) is { } removing ? new RunnerEvent.MachineRemoving(removing) : Incomplete(out isIncomplete);
            case MessageKind.MachineRemoved:
                return Text(entry, "name"u8) is { } removed ? new RunnerEvent.MachineRemoved(removed) : Incomplete(out isIncomplete);
            case MessageKind.NoJob or MessageKind.CoordinatorAnswered:
                return new RunnerEvent.Contact(Succeeded: true);
            case MessageKind.CoordinatorFailed:
                return new RunnerEvent.Contact(Succeeded: false);
            case MessageKind.RunnerStarted:
                return new RunnerEvent.RunnerStarted();
            case MessageKind.ConfigLoaded:
                return new RunnerEvent.ConfigRead(Succeeded: true);
            case MessageKind.ConfigFailed:
                return new RunnerEvent.ConfigRead(Succeeded: false);
            default:
                return null;
        }
    }

    private static RunnerEvent? Incomplete(out bool isIncomplete)
    {
        isIncomplete = true;
        return null;
    }

    private static JobResult ResultOf(MessageKind kind, in LogEntry entry)
    {
        if (kind == MessageKind.JobSucceeded) return JobResult.Success;
        ReadOnlySpan<byte> rest = entry.Message["Job failed"u8.Length..];
        if (rest.StartsWith(" (system failure)"u8)) return JobResult.SystemFailure;
        rest = rest.TrimStart(": "u8);
        return rest.StartsWith("canceled"u8) || rest.StartsWith("cancelled"u8) || rest.StartsWith("aborted"u8) ? JobResult.Canceled
            : rest.StartsWith("execution took longer than"u8) ? JobResult.TimedOut
            : JobResult.ScriptFailure;
    }

    private static string Runner(in LogEntry entry) => Text(entry, "runner"u8) ?? Text(entry, "runner_name"u8) ?? "";

    private static string? Text(in LogEntry entry, ReadOnlySpan<byte> key) =>
        entry.TryGet(key, out ReadOnlySpan<byte> value) && value.Length > 0 ? Encoding.UTF8.GetString(value[..Math.Min(value.Length, LongestName)]) : null;

    private static long? Number(in LogEntry entry, ReadOnlySpan<byte> key) =>
        entry.TryGet(key, out ReadOnlySpan<byte> value) && Utf8Parser.TryParse(value, out long number, out int length) && length == value.Length && number >= 0 ? number : null;

    private static double? Seconds(in LogEntry entry, ReadOnlySpan<byte> key) =>
        entry.TryGet(key, out ReadOnlySpan<byte> value) && Utf8Parser.TryParse(value, out double seconds, out int length) && length == value.Length && seconds is >= 0 and < 1e9 ? seconds : null;

    // As Go writes it, "1h2m3.5s"; in JSON in nanoseconds.
    private static double? Duration(in LogEntry entry, ReadOnlySpan<byte> key) =>
        !entry.TryGet(key, out ReadOnlySpan<byte> value) ? null
        : entry.Syntax == FieldSyntax.Json && Utf8Parser.TryParse(value, out long nanoseconds, out int length) && length == value.Length ? nanoseconds / 1e9
        : GoSeconds.Parse(value);
}
