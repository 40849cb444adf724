using System.Buffers;
using System.IO.Pipelines;

namespace CiMetrics.Exposition;

/// <summary>A whole body, ready to be sent. Its buffers are shared and pooled: dispose it, and do not use it afterwards.</summary>
public sealed class Scrape : IDisposable
{
    /// <summary>So much is handed to the connection before it is waited for.</summary>
    private const int FlushLength = 64 * 1024;

    private readonly ScrapeFormat _format;
    private SharedBody? _body;

    /// <summary>Takes over one hold of the body.</summary>
    internal Scrape(ScrapeFormat format, SharedBody body)
    {
        _format = format;
        _body = body;
    }

    /// <summary>The Content-Type header's value.</summary>
    public string ContentType => _format.ContentType;

    /// <summary>The Content-Encoding header's value, or null.</summary>
    public string? ContentEncoding => _format.ContentEncoding;

    /// <summary>Length of the body in bytes.</summary>
    public long Length => Body.Length;

    /// <summary>The body, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => Body.Chunks;

    private SharedBody Body => _body ?? throw new ObjectDisposedException(nameof(Scrape));

    /// <summary>Writes the body to a connection and flushes it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the body is sent in part.</exception>
    public async Task CopyToAsync(PipeWriter destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        SharedBody body = Body;
        int unflushed = 0;
        for (int i = 0; i < body.Chunks.Count; i++)
        {
            ReadOnlyMemory<byte> chunk = body.Chunks[i];
            destination.Write(chunk.Span);
            unflushed += chunk.Length;
            if (unflushed < FlushLength && i < body.Chunks.Count - 1)
                continue;
            unflushed = 0;
            if ((await destination.FlushAsync(cancellationToken)).IsCompleted)
                return;
        }
    }

    /// <summary>Gives the buffers back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _body, null)?.Release();
}
