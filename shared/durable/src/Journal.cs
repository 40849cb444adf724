using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Durable;

/// <summary>
/// An append-only file of records. Appended records are gathered in memory and become durable together, with one
/// write and one sync, at <see cref="Commit"/>; <see cref="Seal"/> ends it in order. One writer at a time; not thread-safe.
/// </summary>
public sealed class Journal : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly ulong _number;
    private readonly ArrayBufferWriter<byte> _pending = new(64 << 10);
    private bool _unclean;
    private bool _sealed;

    private Journal(SafeFileHandle handle, string path, ulong number)
    {
        _handle = handle;
        Path = path;
        _number = number;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>How much of the file is durable, in bytes.</summary>
    public long Length { get; private set; } = RecordFormat.FileHeader;

    /// <summary>What was found when it was opened.</summary>
    public JournalRecovery Recovery { get; private set; } = new(0, 0);

    /// <summary>Opens a journal, creating it where there is none, and reads it back.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="replay">Gets each record, in the order in which they were appended.</param>
    /// <exception cref="DamagedFileException">It holds something that no crash leaves behind.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static Journal Open(string path, RecordHandler replay)
    {
        ArgumentNullException.ThrowIfNull(replay);
        string full = System.IO.Path.GetFullPath(path);
        // Renamed into place with its header: a file without a whole one is no journal that crashed.
        if (!File.Exists(full))
            AtomicFile.Write(full, RecordFormat.FileHeaderOf(RecordFile.NewNumber(), RecordFormat.Open));
        SafeFileHandle handle = File.OpenHandle(full, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            (ulong number, long count) = RecordFile.ReadHeader(handle, full);
            if (count != RecordFormat.Open) throw new DamagedFileException(full, 0, "it is not a journal");
            Journal journal = new(handle, full, number);
            journal.Recover(replay);
            return journal;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Adds a record to those that the next commit makes durable.</summary>
    /// <param name="payload">1 byte to 16 MiB.</param>
    public void Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length is 0 or > RecordFormat.LongestPayload)
            throw new ArgumentOutOfRangeException(nameof(payload), payload.Length, "a record has 1 byte to 16 MiB");
        int length = RecordFormat.RecordHeader + payload.Length;
        RecordFormat.Write(_pending.GetSpan(length)[..length], _number, Length, payload);
        _pending.Advance(length);
    }

    /// <summary>Makes the appended records durable: all of them, or none of them.</summary>
    /// <exception cref="IOException">The disk is full or failing. The records are forgotten; later ones can be tried.</exception>
    /// <exception cref="UnauthorizedAccessException">The system does not let the file be written (any more); as above.</exception>
    public void Commit()
    {
        if (_pending.WrittenCount == 0) return;
        Write();
        _sealed = false;
    }

    /// <summary>
    /// Writes down, durably, that all before is durable: a record that is not intact at the next opening is then damage,
    /// and not the write that a crash interrupted. What was not committed is forgotten. Later records can be appended.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failing: the journal is as it was, without the seal.</exception>
    /// <exception cref="UnauthorizedAccessException">The system does not let the file be written (any more); as above.</exception>
    public void Seal()
    {
        _pending.ResetWrittenCount();
        if (_sealed || Length == RecordFormat.FileHeader) return;
        RecordFormat.Write(_pending.GetSpan(RecordFormat.RecordHeader)[..RecordFormat.RecordHeader], _number, Length, payload: default);
        _pending.Advance(RecordFormat.RecordHeader);
        Write();
        _sealed = true;
    }

    /// <summary>Closes the file. What was not committed is not in it.</summary>
    public void Dispose() => _handle.Dispose();

    private void Write()
    {
        try
        {
            if (_unclean) CutBack();
            _unclean = true;
            RandomAccess.Write(_handle, _pending.WrittenSpan, Length);
            RandomAccess.FlushToDisk(_handle);
            Length += _pending.WrittenCount;
            _unclean = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            TryCutBack();
            throw;
        }
        finally
        {
            _pending.ResetWrittenCount();
        }
    }

    private void Recover(RecordHandler replay)
    {
        long found = RandomAccess.GetLength(_handle);
        (long records, long end, _sealed) = new JournalReader(_handle, Path, _number).ReadAll(replay);
        Length = end;
        if (found > end) CutBack();
        // What was read may have been in memory only when the process before was killed.
        RandomAccess.FlushToDisk(_handle);
        Recovery = new JournalRecovery(records, found - end);
    }

    private void CutBack()
    {
        RandomAccess.SetLength(_handle, Length);
        RandomAccess.FlushToDisk(_handle);
        _unclean = false;
    }

    // Whoever gets the error tells the sender that nothing was stored: so it must not come back after a restart. Where
    // even that fails, the next commit tries again before it writes.
    private void TryCutBack()
    {
        try
        {
            CutBack();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _unclean = true;
        }
    }
}
