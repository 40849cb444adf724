using Microsoft.Extensions.Logging;

namespace CiMetrics.Sidecar.Intake;

/// <summary>Looks at the jobs' files again and again, and takes each once it has come to rest.</summary>
internal sealed partial class IntakeLoop(JobFiles files, FileTaker taker, FolderChanges changes, IntakeRules rules, IntakeCounts counts, TimeProvider time, ILogger logger)
{
    private const int GeneralIoError = unchecked((int)0x80131620);
    private const string SpoolTrouble = "spool";

    // All containers of a pod are told to stop at once: the file may be about to be written.
    private static readonly TimeSpan LastLooks = 4 * IntakeRules.Quiet;

    private readonly Dictionary<string, (JobFile File, long Since)> _waiting = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, string> _errors = new(StringComparer.Ordinal);

    /// <summary>Completes once nothing more will be taken.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes files until it is told to stop; then looks once more.</summary>
    /// <param name="once">Whether to end after the first file.</param>
    /// <param name="stopping">Ends the wait.</param>
    public async Task RunAsync(bool once, CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                Look();
                if (once && taker.Done > 0) break;
                await WaitAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The last look comes below.
        }
        finally
        {
            // Whatever happens: the delivery waits for the end.
            try
            {
                if (stopping.IsCancellationRequested) await LookLastAsync();
                RemoveTaken();
            }
            finally
            {
                _ended.TrySetResult();
            }
        }
    }

    private Task WaitAsync(CancellationToken stopping) =>
        _waiting.Values.Any(waiting => time.GetElapsedTime(waiting.Since) < 2 * IntakeRules.Quiet)
            ? Task.Delay(IntakeRules.Quiet, time, stopping)
            : changes.WaitAsync(files.Folder, stopping);

    // For a moment in any case, and as long as a file is being written, within the grace period.
    private async Task LookLastAsync()
    {
        long start = time.GetTimestamp();
        while (true)
        {
            Look();
            TimeSpan age = time.GetElapsedTime(start);
            if (age >= rules.Grace || (age >= LastLooks && _waiting.Count == 0)) return;
            await Task.Delay(IntakeRules.Quiet, time, CancellationToken.None);
        }
    }

    private void RemoveTaken() => Guarded(files.Folder, () =>
    {
        foreach (JobFile file in files.Present().ToArray())
            IsOver(file, TimeSpan.MinValue);
        return true;
    });

    private void Look()
    {
        JobFile[] present = [];
        bool looked = Guarded(files.Folder, () =>
        {
            present = [.. files.Present()];
            return true;
        });
        // What cannot be seen now is not gone.
        if (!looked) return;
        present = [.. present.Where(file => !IsOver(file, rules.Settle))];
        if (_waiting.Count > 0)
        {
            HashSet<string> paths = present.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
            foreach (string gone in _waiting.Keys.Where(path => !paths.Contains(path)).ToArray())
                _waiting.Remove(gone);
        }
        bool took = false;
        // One file that cannot be read does not hold up the others.
        foreach (JobFile file in present.Where(file => !taker.HasTaken(file)))
            took |= Guarded(file.Path, () => Consider(file));
        Guarded(SpoolTrouble, () =>
        {
            taker.Remember(took ? [.. files.Present()] : present);
            return false;
        });
        ForgetTroubles(present);
    }

    private void ForgetTroubles(JobFile[] present)
    {
        if (_errors.Count == 0) return;
        HashSet<string> kept = [files.Folder, SpoolTrouble, .. present.Select(file => file.Path)];
        foreach (string gone in _errors.Keys.Where(path => !kept.Contains(path)).ToArray()) _errors.Remove(gone);
    }

    // A claimed file whose events are in the spool goes once nobody has written for a while.
    private bool IsOver(JobFile file, TimeSpan age) =>
        file.IsClaimed && taker.HasTaken(file) && time.GetUtcNow() - file.Identity.Modified >= age && Guarded(file.Path, () =>
        {
            File.Delete(file.Path);
            return true;
        });

    private bool Guarded(string path, Func<bool> look)
    {
        try
        {
            bool took = look();
            _errors.Remove(path);
            return took;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Once per trouble, not per look.
            string cause = CauseOf(exception);
            if (_errors.GetValueOrDefault(path) == cause) return false;
            _errors[path] = cause;
            counts.Errors.Inc();
            LogFailed(path, exception.Message);
            return false;
        }
    }

    // The system's errors have a number, and a text with temporary names in it.
    private static string CauseOf(Exception exception) =>
        exception.HResult == GeneralIoError ? exception.Message : $"{exception.GetType().Name} {exception.HResult}";

    private bool Consider(JobFile file)
    {
        if (!_waiting.TryGetValue(file.Path, out (JobFile File, long Since) before) || before.File != file)
        {
            _waiting[file.Path] = before = (file, time.GetTimestamp());
            // One that was written long ago need not be waited for.
            if (time.GetUtcNow() - file.Identity.Modified is { } age && age < IntakeRules.Quiet && age > -IntakeRules.Quiet) return false;
        }
        else if (time.GetElapsedTime(before.Since) < IntakeRules.Quiet)
        {
            return false;
        }
        bool giveUp = time.GetElapsedTime(before.Since) >= rules.Settle;
        if (!taker.TryTake(file, giveUp)) return false;
        _waiting.Remove(file.Path);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot be taken now; it is tried again")]
    private partial void LogFailed(string path, string reason);
}
