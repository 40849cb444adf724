using System.Buffers;
using System.Numerics;
using CiMetrics.Receiver.Events;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Receiver.Http;

/// <summary>A body in memory, which it takes as it comes: what is announced costs nothing yet.</summary>
internal sealed class BodyReader(BodyBudget budget, TimeProvider time)
{
    /// <summary>The longest body, in bytes.</summary>
    public const int Longest = 1 << 20;

    private const int First = 4 << 10;
    private const int Smallest = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Reads the body of a request.</summary>
    /// <returns>The body, which holds its memory until it is disposed; or what is wrong with it.</returns>
    public async ValueTask<(Body? Body, Refusal? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        Body body = new(budget.Open());
        // A query is in the request's line; whatever comes behind it is left.
        if (HttpMethods.IsGet(request.Method)) return (body, null);
        if (request.ContentLength > Longest) return (null, TooLong);
        try
        {
            Refusal? refusal = await FillAsync(body, request, cancellation);
            if (refusal is null) return (body, null);
            body.Dispose();
            return (null, refusal);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static Refusal TooLong => Refusal.TooLarge($"must have at most {Longest} bytes");

    private static Refusal TooSlow =>
        Later(StatusCodes.Status408RequestTimeout, $"the body must be there within {Patience.TotalSeconds:0} s");

    private static Refusal NoRoom =>
        Later(StatusCodes.Status429TooManyRequests, "the bodies of other requests take all the memory that there is for them");

    private static Refusal Later(int status, string why) => new(status, $"nothing was counted: {why}; try again") { RetryAfterSeconds = 1 };

    private async Task<Refusal?> FillAsync(Body body, HttpRequest request, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        // One byte more than announced shows that it has ended.
        uint first = request.ContentLength < First ? Math.Max(Smallest, (uint)request.ContentLength + 1) : First;
        if (!body.TryGrow((int)BitOperations.RoundUpToPowerOf2(first))) return NoRoom;
        try
        {
            while (await request.Body.ReadAsync(body.Rest, either.Token) is var read and > 0)
            {
                body.Advance(read);
                if (body.Length > Longest) return TooLong;
                if (body.Rest.IsEmpty && !body.TryGrow(Math.Min(body.Length * 2, Longest + 1))) return NoRoom;
            }

            return null;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return TooSlow;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLong;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            return TooSlow;
        }
    }
}

/// <summary>A body and the memory that it has.</summary>
internal sealed class Body(BodyBudget.Share share) : IDisposable
{
    private byte[] _buffer = [];

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>What was received.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    /// <summary>Where more can be put.</summary>
    public Memory<byte> Rest => _buffer.AsMemory(Length);

    /// <summary>Says that so much was put there.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>Makes room for as many bytes in all; false where there is none.</summary>
    public bool TryGrow(int bytes)
    {
        if (!share.TryGrow(bytes)) return false;
        byte[] larger = ArrayPool<byte>.Shared.Rent(bytes);
        Bytes.CopyTo(larger);
        Return();
        _buffer = larger;
        return true;
    }

    /// <summary>Gives the bytes back and keeps their share: the events that were made of them take memory, too.</summary>
    public void Forget()
    {
        Return();
        Length = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Return();
        share.Dispose();
    }

    private void Return()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
