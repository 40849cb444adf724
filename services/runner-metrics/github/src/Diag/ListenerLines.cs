using System.Text;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Diag;

/// <summary>
/// What a line of the listener's log says. A display name is whatever its author likes, also the text of another line:
/// jobs are told by the lines with their id, and a console line only where its very beginning is the runner's own.
/// </summary>
internal static class ListenerLines
{
    /// <summary>Reads a line; null where it says nothing of interest.</summary>
    public static Fact? Read(string runner, ReadOnlySpan<byte> line)
    {
        if (!LogHeader.TryRead(line, out LogHeader header)) return null;
        if (header.Source.SequenceEqual("JobDispatcher"u8)) return Dispatched(runner, header);
        if (header.Source.SequenceEqual("Terminal"u8)) return Said(runner, header);
        return header.Text.SequenceEqual("Received job status event. JobState: Busy"u8) ? new Fact.Session(runner, SessionChange.Busy, header.Time)
            : header.Text.SequenceEqual("Received job status event. JobState: Online"u8) ? new Fact.Session(runner, SessionChange.Online, header.Time)
            : null;
    }

    private static Fact? Dispatched(string runner, LogHeader header)
    {
        if (LogHeader.TryReadBetween(header.Text, "finish job request for job "u8, default, out ReadOnlySpan<byte> rest))
        {
            return rest.Length > 36
                && LogHeader.TryReadGuid(rest[..36], out Guid ended)
                && LogHeader.TryReadBetween(rest[36..], " with result: "u8, default, out ReadOnlySpan<byte> word)
                && JobResults.OfLog(word) is { } result
                ? new Fact.Finished(runner, ended, result, header.Time)
                : null;
        }
        // Job request 42 for plan GUID job GUID received.
        return LogHeader.TryReadBetween(header.Text, "Job request "u8, " received."u8, out rest)
            && rest.Length > 41
            && rest[..^36].EndsWith(" job "u8)
            && LogHeader.TryReadGuid(rest[^36..], out Guid begun)
            ? new Fact.Received(runner, begun, header.Time)
            : null;
    }

    private static Fact? Said(string runner, LogHeader header)
    {
        if (!LogHeader.TryReadBetween(header.Text, "WRITE LINE: "u8, default, out ReadOnlySpan<byte> said)) return null;
        if (LogHeader.TryReadBetween(said, "Current runner version: '"u8, "'"u8, out ReadOnlySpan<byte> version))
            return version.Length is > 0 and <= 40 ? new Fact.Started(runner, Encoding.UTF8.GetString(version), header.Time) : null;
        if (said.Length < 22 || !LogHeader.TryReadTime(said[..20], out _) || !said[20..].StartsWith(": "u8)) return null;
        ReadOnlySpan<byte> text = said[22..];
        SessionChange? change = text.SequenceEqual("Listening for Jobs"u8) ? SessionChange.Listening
            : text.SequenceEqual("Runner reconnected."u8) ? SessionChange.Reconnected
            : text.StartsWith("Runner connect error: "u8) && text.EndsWith("Retrying until reconnected."u8) ? SessionChange.ConnectError
            : null;
        return change is { } changed ? new Fact.Session(runner, changed, header.Time) : null;
    }
}
