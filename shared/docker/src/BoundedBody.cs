using System.Buffers;

namespace CiMetrics.Docker;

/// <summary>An answer's body in a pooled buffer, never longer than the caller allows.</summary>
internal sealed class BoundedBody : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    private BoundedBody()
    {
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>True when there was more than allowed; then <see cref="Bytes"/> is only its beginning.</summary>
    public bool TooLong { get; private set; }

    public static async Task<BoundedBody> ReadAsync(HttpContent content, int limit, CancellationToken cancellation)
    {
        BoundedBody body = new();
        try
        {
            await using Stream stream = await content.ReadAsStreamAsync(cancellation);
            while (true)
            {
                if (body._length == body._buffer.Length) body.Grow();
                int read = await stream.ReadAsync(body._buffer.AsMemory(body._length), cancellation);
                if (read == 0) return body;
                body._length += read;
                if (body._length <= limit) continue;
                body.TooLong = true;
                body._length = limit;
                return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
