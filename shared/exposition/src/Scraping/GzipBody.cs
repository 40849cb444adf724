using System.IO.Compression;

namespace CiMetrics.Exposition;

/// <summary>Compresses a body into another.</summary>
internal static class GzipBody
{
    /// <summary>A body that nobody holds yet; fastest level, because a scrape is read once.</summary>
    public static SharedBody Compress(SharedBody body, ChunkPool pool)
    {
        var output = new ChunkStream(new ChunkWriter(pool));
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (ReadOnlyMemory<byte> chunk in body.Chunks)
                gzip.Write(chunk.Span);
        }

        SharedBody compressed = pool.RentBody();
        output.Chunks.MoveTo(compressed);
        return compressed;
    }

    private sealed class ChunkStream(ChunkWriter chunks) : Stream
    {
        public ChunkWriter Chunks => chunks;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => chunks.Append(buffer);

        public override void Write(byte[] buffer, int offset, int count) => chunks.Append(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
