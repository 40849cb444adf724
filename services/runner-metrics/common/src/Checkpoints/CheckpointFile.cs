using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CiMetrics.Durable;
using Microsoft.Extensions.Logging;

namespace CiMetrics.RunnerMetrics.Checkpoints;

/// <summary>
/// The one record that an observer keeps: how far it has read and what it had counted there, replaced as a whole. After a
/// crash at any moment it is the old one or the new one, never a position of one and counters of the other. One process
/// per folder.
/// </summary>
public sealed partial class CheckpointFile : IDisposable
{
    private const int LargestFile = 16 << 20;
    private const int ChecksumLength = 8;

    private readonly FolderLock _taken;
    private readonly string _path;

    private CheckpointFile(FolderLock taken, string path, byte[]? found) => (_taken, _path, Found) = (taken, path, found);

    /// <summary>What an earlier process kept; null where there was none.</summary>
    public byte[]? Found { get; }

    /// <summary>Times that a record could not be kept.</summary>
    public long Failures { get; private set; }

    /// <summary>Whether the last one could not.</summary>
    public bool IsFailing { get; private set; }

    /// <summary>When one was last kept; null before.</summary>
    public DateTimeOffset? SavedAt { get; private set; }

    /// <summary>Takes the folder, creating it where there is none, and reads what is kept there.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FolderInUseException">Another process has it.</exception>
    /// <exception cref="DamagedFileException">What is kept is not what was written.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static CheckpointFile Open(string folder)
    {
        string full = Path.GetFullPath(folder);
        Folders.Create(full);
        FolderLock taken = FolderLock.Take(full);
        try
        {
            AtomicFile.RemoveLeftovers(full);
            string path = Path.Combine(full, "checkpoint");
            return new CheckpointFile(taken, path, File.Exists(path) ? ReadBytes(path) : null);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>What an earlier process kept, read; null where there was none.</summary>
    /// <param name="type">How it is read.</param>
    /// <param name="isOurs">Whether an image is of the version that the caller writes.</param>
    /// <exception cref="DamagedFileException">It was written by another version.</exception>
    public T? Read<T>(JsonTypeInfo<T> type, Func<T, bool> isOurs)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(isOurs);
        if (Found is not { } found) return null;
        try
        {
            return JsonSerializer.Deserialize(found, type) is { } image && isOurs(image) ? image : throw new DamagedFileException(_path, 0, "it is of another version");
        }
        catch (JsonException exception)
        {
            throw new DamagedFileException(_path, exception.BytePositionInLine ?? 0, "it is not in this version's format");
        }
    }

    /// <summary>As <see cref="Save"/>, for who goes on without: a failure is counted, and logged when it begins and ends.</summary>
    /// <returns>Whether the record is kept.</returns>
    public bool TrySave(ReadOnlySpan<byte> record, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(time);
        try
        {
            Save(record);
            SavedAt = time.GetUtcNow();
            if (IsFailing) LogKept(logger);
            IsFailing = false;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failures++;
            if (!IsFailing) LogNotKept(logger, exception.Message);
            IsFailing = true;
            return false;
        }
    }

    /// <summary>Keeps a record in place of the one before; it is durable when this returns.</summary>
    /// <exception cref="IOException">It cannot be written: the one before is still kept.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written: the one before is still kept.</exception>
    public void Save(ReadOnlySpan<byte> record)
    {
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        BinaryPrimitives.WriteUInt64LittleEndian(checksum, Checksum(record));
        AtomicFile.Write(_path, checksum, record);
    }

    /// <inheritdoc/>
    public void Dispose() => _taken.Dispose();

    private static byte[] ReadBytes(string path)
    {
        if (new FileInfo(path).Length > LargestFile) throw new DamagedFileException(path, LargestFile, "it is larger than any that was written");
        byte[] content = File.ReadAllBytes(path);
        return content.Length >= ChecksumLength && BinaryPrimitives.ReadUInt64LittleEndian(content) == Checksum(content.AsSpan(ChecksumLength))
            ? content[ChecksumLength..]
            : throw new DamagedFileException(path, 0, "its checksum does not fit");
    }

    private static ulong Checksum(ReadOnlySpan<byte> record)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in record) crc = BitOperations.Crc32C(crc, value);
        return ((ulong)(uint)record.Length << 32) | ~crc;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Positions and counters cannot be kept; after a restart everything is read again from the last ones kept")]
    private static partial void LogNotKept(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Positions and counters are kept again")]
    private static partial void LogKept(ILogger logger);
}
