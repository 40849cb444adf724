using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CiMetrics.Docker;

/// <summary>
/// A subscription to events, read once by one reader. It ends when the engine stops or the connection breaks;
/// <see cref="Failure"/> then says why. A line that is too long or not an event is skipped and counted: the engine would
/// send it again after every reconnect.
/// </summary>
public sealed class DockerEventStream : IDisposable
{
    /// <summary>A line holds all labels of a container, so it may be long, but not without end.</summary>
    public const int LongestLine = 1024 * 1024;

    /// <summary>A line that goes on beyond this is no event of an engine: the stream is given up.</summary>
    private const int EndlessLine = 16 * LongestLine;

    private readonly HttpResponseMessage _response;
    private readonly DockerEndpoint _endpoint;
    private readonly Action _ended;
    private int _skipped;

    internal DockerEventStream(HttpResponseMessage response, DockerEndpoint endpoint, Action ended)
    {
        _response = response;
        _endpoint = endpoint;
        _ended = ended;
    }

    /// <summary>Why the stream ended; null while it has not.</summary>
    public DockerFailure? Failure { get; private set; }

    /// <summary>Lines that were not understood.</summary>
    public int Skipped => Volatile.Read(ref _skipped);

    /// <summary>The events until the stream ends. Cancellation ends it with an exception.</summary>
    public async IAsyncEnumerable<DockerEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using Stream body = await _response.Content.ReadAsStreamAsync(cancellation);
        PipeReader reader = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        bool skipping = false;
        long passed = 0;
        try
        {
            while (await ReadAsync(reader, cancellation) is { } result)
            {
                ReadOnlySequence<byte> rest = result.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    DockerEvent? parsed = skipping || rest.Slice(0, end).Length > LongestLine ? Skip() : Parse(rest.Slice(0, end));
                    rest = rest.Slice(rest.GetPosition(1, end));
                    skipping = false;
                    if (parsed is not null) yield return parsed;
                }

                if (rest.Length > LongestLine)
                {
                    passed = skipping ? passed + rest.Length : rest.Length;
                    skipping = true;
                    rest = rest.Slice(rest.End);
                }

                if (skipping && passed > EndlessLine)
                {
                    Failure = new(DockerFailureKind.Protocol, $"{_endpoint.Display}: an event of more than {EndlessLine} bytes");
                    break;
                }

                bool whole = rest.IsEmpty && !skipping;
                reader.AdvanceTo(rest.Start, rest.End);
                if (!result.IsCompleted) continue;
                Failure = new(DockerFailureKind.Unreachable, whole
                    ? $"{_endpoint.Display}: the engine ended the event stream"
                    : $"{_endpoint.Display}: the event stream broke off within an event");
                break;
            }

            _ended();
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _response.Dispose();

    private async ValueTask<ReadResult?> ReadAsync(PipeReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(cancellation);
        }
        catch (Exception exception) when (DockerErrors.IsTransport(exception))
        {
            cancellation.ThrowIfCancellationRequested();
            Failure = DockerErrors.Of(exception, _endpoint);
            return null;
        }
    }

    private DockerEvent? Parse(in ReadOnlySequence<byte> line)
    {
        if (line.IsEmpty) return null;
        try
        {
            Utf8JsonReader json = new(line);
            DockerEventLine? read = JsonSerializer.Deserialize(ref json, DockerJson.Default.DockerEventLine);
            return read is null ? Skip() : read.ToEvent();
        }
        catch (JsonException)
        {
            return Skip();
        }
    }

    private DockerEvent? Skip()
    {
        Interlocked.Increment(ref _skipped);
        return null;
    }
}
