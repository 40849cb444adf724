using System.IO.Pipelines;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Http;
using CiMetrics.Testing;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Receiver.Tests.Http;

public sealed class BodyReaderTests
{
    [Test]
    public async Task What_is_announced_takes_nothing_until_it_comes()
    {
        BodyBudget budget = new(2 * BodyReader.Longest, forSmall: BodyReader.Longest / 2);
        BodyReader reader = new(budget, TimeProvider.System);
        Pipe[] pipes = [.. Enumerable.Range(0, 50).Select(_ => new Pipe())];
        foreach (Pipe pipe in pipes)
        {
            // Neither the announced length nor a length that is not known.
            _ = reader.ReadAsync(Request(pipe, pipe == pipes[0] ? null : BodyReader.Longest), CancellationToken.None).AsTask();
            await pipe.Writer.WriteAsync(new byte[100]);
        }

        using MemoryStream whole = new(Enumerable.Range(0, BodyReader.Longest).Select(i => (byte)i).ToArray());
        (Body? body, Refusal? refusal) = await reader.ReadAsync(Request(whole, BodyReader.Longest), CancellationToken.None);
        Assert.That(refusal, Is.Null);
        Assert.That(body!.Bytes.SequenceEqual(whole.ToArray()), Is.True);
        body.Dispose();
    }

    [Test]
    public async Task A_body_has_a_deadline_and_gives_back_what_it_had()
    {
        ManualTime time = new();
        BodyBudget budget = new(8192, forSmall: 0);
        Pipe pipe = new();
        Task<(Body? Body, Refusal? Refusal)> reading = new BodyReader(budget, time).ReadAsync(Request(pipe, null), CancellationToken.None).AsTask();
        for (int i = 0; i < 50; i++)
        {
            await pipe.Writer.WriteAsync(new byte[1]);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        (Body? body, Refusal? refusal) = await reading;
        Assert.That((body, refusal?.Status, refusal?.RetryAfterSeconds), Is.EqualTo(((Body?)null, 408, 1)));
        using BodyBudget.Share share = budget.Open();
        Assert.That(share.TryGrow(8192), Is.True);
    }

    [Test]
    public async Task Without_room_it_is_refused_in_these_words()
    {
        using MemoryStream stream = new(new byte[100_000]);
        (_, Refusal? refusal) = await new BodyReader(new BodyBudget(50_000, forSmall: 20_000), TimeProvider.System).ReadAsync(Request(stream, null), CancellationToken.None);
        Assert.That((refusal?.Status, refusal?.Detail), Is.EqualTo((429, "nothing was counted: the bodies of other requests take all the memory that there is for them; try again")));
    }

    private static HttpRequest Request(Pipe pipe, long? length) => Request(pipe.Reader.AsStream(), length);

    private static HttpRequest Request(Stream body, long? length)
    {
        DefaultHttpContext context = new();
        context.Request.Method = "POST";
        context.Request.ContentLength = length;
        context.Request.Body = body;
        return context.Request;
    }
}
