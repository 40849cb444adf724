using System.Buffers;

namespace CiMetrics.Spacelift.Api;

/// <summary>Reads the body of an answer up to a limit, in memory that is used again.</summary>
internal static class BoundedBody
{
    private const int FirstRoom = 16 << 10;

    /// <summary>Reads it to its end.</summary>
    /// <param name="content">The body.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The body; null where it has more.</returns>
    /// <exception cref="HttpRequestException">The connection broke.</exception>
    public static async Task<PooledBody?> ReadAsync(HttpContent content, int most, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > most) return null;
        using Stream stream = await content.ReadAsStreamAsync(cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)(content.Headers.ContentLength ?? FirstRoom) + 1);
        try
        {
            int length = 0;
            while (true)
            {
                int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
                length += read;
                if (length > most) return null;
                if (read == 0)
                {
                    byte[] whole = buffer;
                    buffer = [];
                    return new PooledBody(whole, length);
                }
                if (length == buffer.Length) buffer = Larger(buffer);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw new HttpRequestException(exception.Message, exception);
        }
        finally
        {
            if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Larger(byte[] full)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger.AsSpan());
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}

/// <summary>A body in memory that goes back to the pool.</summary>
internal sealed class PooledBody(byte[] buffer, int length) : IDisposable
{
    private byte[]? _buffer = buffer;

    /// <summary>The bytes; not after it was given back.</summary>
    public ReadOnlySpan<byte> Bytes => (_buffer ?? throw new ObjectDisposedException(nameof(PooledBody))).AsSpan(0, length);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } mine) ArrayPool<byte>.Shared.Return(mine);
    }
}
