using System.Text;
using CiMetrics.Durable;
using CiMetrics.Sidecar.Intake;

namespace CiMetrics.Sidecar.Spooling;

/// <summary>
/// The events that are not delivered yet: one synced file each in <c>events/</c>, oldest first. What cannot be
/// delivered goes to <c>dead-letters/</c>, what cannot be understood to <c>invalid/</c>, each with the reason beside it.
/// Thread-safe; one process per folder.
/// </summary>
internal sealed class Spool : IDisposable
{
    private const string DeadLetters = "dead-letters";
    private const string Invalid = "invalid";
    private const int LongestName = 50;

    private readonly Lock _lock = new();
    private readonly FolderLock _taken;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly LinkedList<SpooledEvent> _queue = [];
    private readonly Dictionary<string, LinkedListNode<SpooledEvent>> _byKey = new(StringComparer.Ordinal);
    private int _deadLetters;
    private int _invalid;
    private TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Spool(FolderLock taken, string folder, TimeProvider time)
    {
        _taken = taken;
        _folder = folder;
        _time = time;
    }

    /// <summary>The events that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _queue.Count;
        }
    }

    /// <summary>When the event that waits longest came; null where none waits.</summary>
    public DateTimeOffset? Oldest
    {
        get
        {
            lock (_lock) return _queue.Count == 0 ? null : _queue.Min(spooled => spooled.Since);
        }
    }

    /// <summary>The files that stood in an event's place at the start and hold none.</summary>
    public int UnreadableCount { get; private set; }

    /// <summary>The events that were put aside and are kept.</summary>
    public int DeadLetterCount => Volatile.Read(ref _deadLetters);

    /// <summary>The files that held no event and are kept.</summary>
    public int InvalidCount => Volatile.Read(ref _invalid);

    /// <summary>Opens the folder, creating it where there is none, with what an earlier process left.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="unreadable">Is told of files that hold no event; they are left alone.</param>
    /// <exception cref="IOException">It is in use, or it cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static Spool Open(string folder, TimeProvider time, Action<string> unreadable)
    {
        string full = Path.GetFullPath(folder);
        Folders.Create(Path.Combine(full, "events"));
        Folders.Create(Path.Combine(full, DeadLetters));
        Folders.Create(Path.Combine(full, Invalid));
        Spool spool = new(FolderLock.Take(full), full, time);
        try
        {
            foreach (string sub in (ReadOnlySpan<string>)["", "events", DeadLetters, Invalid]) AtomicFile.RemoveLeftovers(Path.Combine(full, sub));
            spool._deadLetters = Directory.EnumerateFiles(Path.Combine(full, DeadLetters), "*.json").Count();
            spool._invalid = Directory.EnumerateFiles(Path.Combine(full, Invalid), "*.invalid").Count();
            List<SpooledEvent> found = [];
            foreach (string path in Directory.EnumerateFiles(Path.Combine(full, "events")))
            {
                if (SpoolFile.Read(path) is { } spooled) found.Add(spooled);
                else
                {
                    spool.UnreadableCount++;
                    unreadable(path);
                }
            }
            // Somebody may have copied a file: the event is sent once, and the copy goes at the next start.
            foreach (SpooledEvent spooled in found.OrderBy(spooled => spooled.Since).DistinctBy(spooled => spooled.Key, StringComparer.Ordinal))
                spool.Enqueue(spooled);
            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    /// <summary>A path inside the folder.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Adds an event; it is durable when this returns. One that waits already is not added again.</summary>
    /// <exception cref="IOException">It cannot be written: it is not in the spool.</exception>
    public void Add(string key, byte[] body)
    {
        lock (_lock)
        {
            if (_byKey.ContainsKey(key)) return;
        }
        SpooledEvent spooled = new(key, body, _time.GetUtcNow(), $"{Guid.CreateVersion7(_time.GetUtcNow()):n}.json");
        AtomicFile.Write(PathOf(spooled), SpoolFile.Write(spooled));
        Enqueue(spooled);
    }

    /// <summary>The event to send next; null where none waits.</summary>
    public SpooledEvent? Peek()
    {
        lock (_lock) return _queue.First?.Value;
    }

    /// <summary>Completes when there is an event.</summary>
    public Task WaitAsync()
    {
        lock (_lock) return _queue.Count > 0 ? Task.CompletedTask : _arrival.Task;
    }

    /// <summary>Lets the others go first.</summary>
    public void MoveToEnd(SpooledEvent spooled)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(spooled.Key, out LinkedListNode<SpooledEvent>? node)) return;
            _queue.Remove(node);
            _queue.AddLast(node);
        }
    }

    /// <summary>Forgets an event: it is delivered.</summary>
    public void Remove(SpooledEvent spooled)
    {
        // Where this does not reach the disk, the event is sent again, under its key.
        if (Forget(spooled)) File.Delete(PathOf(spooled));
    }

    /// <summary>Puts an event where nobody sends it, with the reason beside it.</summary>
    /// <exception cref="IOException">It cannot be moved: it stays in the spool's folder and is sent again after a restart.</exception>
    public void PutAside(SpooledEvent spooled, string reason)
    {
        if (!Forget(spooled)) return;
        string path = PathOf(spooled);
        string target = Path.Combine(_folder, DeadLetters, Path.GetFileName(path));
        AtomicFile.Write(Path.ChangeExtension(target, ".reason"), Encoding.UTF8.GetBytes(reason + "\n"));
        File.Move(path, target, overwrite: true);
        Interlocked.Increment(ref _deadLetters);
        Folders.Sync(Path.Combine(_folder, DeadLetters));
    }

    /// <summary>Gives the events that were put aside another chance; gives their number.</summary>
    /// <exception cref="IOException">They cannot be moved.</exception>
    public int Revive()
    {
        int revived = 0;
        foreach (string path in Directory.EnumerateFiles(PathOf(DeadLetters), "*.json"))
        {
            if (SpoolFile.Read(path) is not { } spooled || _byKey.ContainsKey(spooled.Key)) continue;
            File.Move(path, PathOf(spooled), overwrite: true);
            File.Delete(Path.ChangeExtension(path, ".reason"));
            Enqueue(spooled);
            Interlocked.Decrement(ref _deadLetters);
            revived++;
        }
        return revived;
    }

    /// <summary>Keeps content that is no event, with the reason beside it; gives the file. Durable when it returns.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string Quarantine(string name, ReadOnlySpan<byte> content, string reason)
    {
        string path = Path.Combine(_folder, Invalid, $"{Short(name)}.{ContentDigest.Of(content)}.invalid");
        if (!File.Exists(path)) Interlocked.Increment(ref _invalid);
        AtomicFile.Write(path, content);
        AtomicFile.Write(path + ".reason", Encoding.UTF8.GetBytes($"{name}: {reason}\n"));
        return path;
    }

    // With what is added to it, a name may have 255 bytes, and a character three of them.
    private static string Short(string name) =>
        name.Length <= LongestName ? name : name[..(char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName)];

    /// <inheritdoc/>
    public void Dispose() => _taken.Dispose();

    private void Enqueue(SpooledEvent spooled)
    {
        lock (_lock)
        {
            _byKey.Add(spooled.Key, _queue.AddLast(spooled));
            _arrival.TrySetResult();
        }
    }

    private bool Forget(SpooledEvent spooled)
    {
        lock (_lock)
        {
            if (!_byKey.Remove(spooled.Key, out LinkedListNode<SpooledEvent>? node)) return false;
            _queue.Remove(node);
            if (_queue.Count == 0) _arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    private string PathOf(SpooledEvent spooled) => Path.Combine(_folder, "events", spooled.FileName);
}
