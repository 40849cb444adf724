using System.Globalization;

namespace CiMetrics.Durable;

/// <summary>
/// A folder that keeps a state: a snapshot of it, and a journal of what happened since. Numbered generations: snapshot
/// N holds all that came before journal N, so a crash at any moment leaves a snapshot and the journals that continue it.
/// One process per folder. Not thread-safe, except for <see cref="WriteSnapshot"/>.
/// </summary>
public sealed class StateFolder : IDisposable
{
    private const string SnapshotSuffix = ".snapshot";
    private const string JournalSuffix = ".journal";

    private readonly FolderLock _lock;
    private Journal _journal;
    private long _generation;

    private StateFolder(FolderLock taken, string path, Journal journal, long generation)
    {
        _lock = taken;
        Path = path;
        _journal = journal;
        _generation = generation;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The bytes of the journal that the last snapshot does not hold: what a start has to read besides it.</summary>
    public long JournalLength => _journal.Length;

    /// <summary>What was found at the start: records of snapshot and journals, and bytes of an interrupted append.</summary>
    public JournalRecovery Recovery { get; private set; } = new(0, 0);

    /// <summary>Opens the folder, creating it where there is none, and reads the state back.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="read">Gets the records of the snapshot, then those of the journals, each in the order of writing.</param>
    /// <exception cref="FolderInUseException">Another process has it.</exception>
    /// <exception cref="DamagedFileException">A file holds something that no crash leaves behind, or one is missing.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static StateFolder Open(string path, RecordHandler read)
    {
        string full = System.IO.Path.GetFullPath(path);
        Folders.Create(full);
        FolderLock taken = FolderLock.Take(full);
        try
        {
            AtomicFile.RemoveLeftovers(full);
            return Read(taken, full, read);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Journal.Append"/>
    public void Append(ReadOnlySpan<byte> payload) => _journal.Append(payload);

    /// <inheritdoc cref="Journal.Commit"/>
    public void Commit() => _journal.Commit();

    /// <summary>
    /// Begins a new journal. The state as it is now, all committed, is what the snapshot of the returned generation must
    /// hold; until that is written, older files keep everything.
    /// </summary>
    /// <exception cref="IOException">The files cannot be written: the old one stays in use.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be written (any more): the old one stays in use.</exception>
    public long BeginGeneration()
    {
        _journal.Seal();
        Journal next = Journal.Open(FileOf(Path, _generation + 1, JournalSuffix), _ => { });
        _journal.Dispose();
        _journal = next;
        return ++_generation;
    }

    /// <summary>Writes the snapshot of a generation and removes what it makes superfluous. On any thread, one at a time.</summary>
    /// <param name="generation">What <see cref="BeginGeneration"/> gave.</param>
    /// <param name="produce">Hands the state of that moment, in records of 1 byte to 16 MiB, to the given handler.</param>
    /// <exception cref="IOException">It cannot be written: the older files stay and still hold everything.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written (any more): as above.</exception>
    public void WriteSnapshot(long generation, Action<RecordHandler> produce)
    {
        RecordFile.Write(FileOf(Path, generation, SnapshotSuffix), produce);
        foreach (string suffix in (ReadOnlySpan<string>)[SnapshotSuffix, JournalSuffix])
        {
            foreach (long old in GenerationsOf(Path, suffix).Where(old => old < generation))
                File.Delete(FileOf(Path, old, suffix));
        }
    }

    /// <inheritdoc cref="Journal.Seal"/>
    public void Seal() => _journal.Seal();

    /// <summary>Lets the folder go. What was not committed is not kept.</summary>
    public void Dispose()
    {
        _journal.Dispose();
        _lock.Dispose();
    }

    private static StateFolder Read(FolderLock taken, string path, RecordHandler read)
    {
        long[] snapshots = GenerationsOf(path, SnapshotSuffix);
        long[] journals = GenerationsOf(path, JournalSuffix);
        bool isNew = snapshots.Length + journals.Length == 0;
        // The first journal has no snapshot before it.
        if (snapshots.Length == 0 && journals.Length > 0 && journals[0] > 1)
            throw new DamagedFileException(FileOf(path, journals[0], SnapshotSuffix), 0, "it is missing, and the journal that continues it is there");
        long first = snapshots.LastOrDefault(1);
        long last = Math.Max(first, journals.LastOrDefault(first));
        long records = snapshots.Length > 0 ? RecordFile.Read(FileOf(path, first, SnapshotSuffix), read) : 0;
        long cut = 0;
        for (long generation = first; ; generation++)
        {
            string file = FileOf(path, generation, JournalSuffix);
            // A journal is there before its snapshot and before the journal that continues it.
            if (!isNew && !journals.Contains(generation))
                throw new DamagedFileException(file, 0, "it is missing, and files that go with it are there");
            Journal journal = Journal.Open(file, read);
            records += journal.Recovery.Records;
            cut += journal.Recovery.CutBytes;
            if (generation == last)
                return new StateFolder(taken, path, journal, last) { Recovery = new(records, cut) };
            journal.Dispose();
        }
    }

    private static long[] GenerationsOf(string path, string suffix) =>
    [
        .. Directory.EnumerateFiles(path, "*" + suffix)
            .Select(file => long.TryParse(System.IO.Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0)
            .Where(number => number > 0)
            .Order(),
    ];

    private static string FileOf(string path, long generation, string suffix) =>
        System.IO.Path.Combine(path, generation.ToString("d10", CultureInfo.InvariantCulture) + suffix);
}
