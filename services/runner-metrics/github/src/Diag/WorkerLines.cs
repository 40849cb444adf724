using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Diag;

/// <summary>What the lines of one worker's log say: which job of which run it is, and how its steps ended.</summary>
/// <param name="runner">The runner.</param>
/// <param name="job">The job, where an earlier process has read the message.</param>
internal sealed class WorkerLines(string runner, Guid? job)
{
    private JobMessage? _message;
    private DateTimeOffset _messageTime;

    /// <summary>The job; null before the message was read.</summary>
    public Guid? Job { get; private set; } = job;

    /// <summary>Whether the last line was inside the message: reading must not be gone on with from here.</summary>
    public bool IsInMessage => _message is not null;

    /// <summary>Reads the next line; null where it says nothing of interest.</summary>
    public Fact? Read(ReadOnlySpan<byte> line)
    {
        if (!LogHeader.TryRead(line, out LogHeader header))
        {
            _message?.Feed(line);
            return null;
        }
        if (_message is { } message)
        {
            _message = null;
            Job = message.Job ?? Job;
            if (Job is { } described && message.Identity is { } identity) return new Fact.Described(runner, described, identity, _messageTime);
        }
        if (header.Source.SequenceEqual("Worker"u8) && header.Text.SequenceEqual("Job message:"u8)) (_message, _messageTime) = (new JobMessage(), header.Time);
        return Job is { } ended
            && LogHeader.TryReadBetween(header.Text, "Job result after all job steps finish: "u8, default, out ReadOnlySpan<byte> word)
            && JobResults.OfLog(word) is { } result
            ? new Fact.WorkerEnded(runner, ended, result, header.Time)
            : null;
    }
}
