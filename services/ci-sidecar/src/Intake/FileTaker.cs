using CiMetrics.Durable;
using CiMetrics.Sidecar.Spooling;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Sidecar.Intake;

/// <summary>
/// Brings a file that has come to rest into the spool: claims it, reads it, spools its events, removes it. A crash after
/// any of these steps leads to the same events under the same keys, which the receiver counts once.
/// </summary>
internal sealed partial class FileTaker(Spool spool, SeenFiles seen, IntakeRules rules, IntakeCounts counts, ILogger logger)
{
    // Clocks of one host; file systems store coarser times than the clock shows.
    private static readonly TimeSpan StaleTolerance = TimeSpan.FromSeconds(2);

    /// <summary>The files that were taken or put aside.</summary>
    public long Done { get; private set; }

    /// <summary>Whether a file was taken as it is now.</summary>
    public bool HasTaken(JobFile file) => seen.Contains(file);

    /// <summary>Remembers what was taken and is still there, and forgets files that are gone.</summary>
    /// <exception cref="IOException">It cannot be written; nothing is lost.</exception>
    public void Remember(IReadOnlyCollection<JobFile> present)
    {
        seen.Keep(present);
        seen.Save();
    }

    /// <summary>Takes a file.</summary>
    /// <param name="file">It has not changed for a while.</param>
    /// <param name="giveUp">Whether the patience with content that is not understood is over.</param>
    /// <returns>False where it is to be looked at again.</returns>
    /// <exception cref="IOException">The spool or the file cannot be read or written: nothing is lost, and it can be tried again.</exception>
    public bool TryTake(JobFile file, bool giveUp)
    {
        // Left where it is, so that whoever put it there finds it.
        if (Unreadable(file) is { } reason) throw new IOException(reason);
        if (Read(file) is not { } content) return false;
        bool isStale = file.Identity.Modified < rules.Variables.JobStarted - StaleTolerance;
        if (isStale && !rules.SendStale)
        {
            Finish(file, content);
            counts.StaleDropped.Inc();
            LogDropped(file.Path, file.Identity.Modified);
            return true;
        }
        ParsedFile parsed = EventFile.Parse(content);
        if (parsed.Problem is { } problem)
        {
            if (giveUp) PutAside(file, content, problem);
            return giveUp;
        }
        if (spool.Count >= rules.MostSpooled) throw new IOException($"the spool is full: {spool.Count} events wait");
        return Take(file, content, parsed, isStale);
    }

    // A link could lead the sidecar to a file that the job itself may not read.
    private static string? Unreadable(JobFile file) =>
        file.Identity.Kind != FileKind.File ? "it is not a regular file"
        : file.Identity.Size > EventFile.LongestFile ? $"it is longer than {EventFile.LongestFile} bytes"
        : null;

    private bool Take(JobFile file, byte[] content, ParsedFile parsed, bool isStale)
    {
        int taken = seen.EventsTaken(file, content);
        JobFile? claimed = file.IsClaimed ? file : JobFiles.Claim(file);
        // Between reading and renaming the job may have written: then it is another content, to be looked at anew.
        if (claimed is not null && claimed.Identity != file.Identity) return false;
        for (int index = taken; index < parsed.Events.Count; index++)
        {
            EventBody body = EventBody.Complete(parsed.Events[index], index, (claimed ?? file).Origin, file.Identity.Modified, isStale ? null : rules.Variables);
            if (body.Unusable is not null) LogUnusable(file.Path, index + 1, body.Key);
            spool.Add(body.Key, body.Json);
        }
        Done++;
        counts.Taken.Inc();
        LogTaken(file.Path, parsed.Events.Count - taken, isStale);
        // It stays for a while: who holds it open may append, which is taken at a later look.
        seen.Add(claimed ?? file, content, parsed.Events.Count);
        return true;
    }

    private void PutAside(JobFile file, ReadOnlySpan<byte> content, string problem)
    {
        string path = spool.Quarantine(file.Name, content, problem);
        Finish(file, content);
        Done++;
        counts.Quarantined.Inc();
        LogQuarantined(file.Path, problem, path);
    }

    // Where the job owns the folder the file stays, and is remembered.
    private void Finish(JobFile file, ReadOnlySpan<byte> content)
    {
        try
        {
            File.Delete(file.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            seen.Add(file, content, 0);
        }
    }

    private static byte[]? Read(JobFile file)
    {
        using SafeFileHandle handle = File.OpenHandle(file.Path, share: FileShare.ReadWrite | FileShare.Delete);
        byte[] content = new byte[file.Identity.Size];
        int length = 0;
        while (length < content.Length && RandomAccess.Read(handle, content.AsSpan(length), length) is > 0 and int read)
            length += read;
        // Another file by now, or another state of it.
        return FileIdentity.Of(handle) == file.Identity && length == content.Length ? content : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Took a file of a job")]
    private partial void LogTaken(string file, int events, bool stale);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The id of an event is no id: too long, with control characters, or a variable's name; the file gives one")]
    private partial void LogUnusable(string file, int number, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A file is older than the job and is dropped")]
    private partial void LogDropped(string file, DateTimeOffset modified);

    [LoggerMessage(Level = LogLevel.Error, Message = "A file holds no event and was put aside")]
    private partial void LogQuarantined(string file, string reason, string kept);
}
