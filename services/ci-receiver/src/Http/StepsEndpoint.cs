using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Metrics;
using CiMetrics.Receiver.Storage;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Receiver.Http;

/// <summary><c>/steps</c> and <c>/jobs</c>: takes events, and answers once they are durable.</summary>
internal sealed class StepsEndpoint(IEventStore store, ReceiverMetrics metrics, TimeProvider time)
{
    private const long MostBodyBytes = 64L << 20;

    private readonly BodyBudget _bodies = new(MostBodyBytes);

    /// <summary>Answers GET and POST.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        using BodyBudget.Share? share = _bodies.Take(context.Request);
        await (share is null ? RefuseAsync(context, StoreResult.Busy.Refusal!) : TakeAsync(context));
    }

    private async Task TakeAsync(HttpContext context)
    {
        DateTimeOffset received = time.GetUtcNow();
        (SentEvents? sent, Refusal? refusal) = await RequestReader.ReadAsync(context.Request, context.RequestAborted);
        if (sent is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        JobEvent[] jobs = new JobEvent[sent.Events.Count];
        for (int i = 0; i < jobs.Length; i++)
        {
            if (EventReader.Read(sent.Events[i], sent.KeyOf(i), received, out Refusal? wrong) is not { } job)
            {
                await RefuseAsync(context, wrong!);
                return;
            }

            jobs[i] = job;
        }

        StoreResult result = await store.AddAsync(jobs, received);
        if (result.Decisions is null)
        {
            await RefuseAsync(context, result.Refusal!);
            return;
        }

        for (int i = 0; i < jobs.Length; i++) metrics.Answered(jobs[i], result.Decisions[i]);
        await (sent.IsArray ? Answers.ManyAsync(context, jobs, result.Decisions) : Answers.OneAsync(context, jobs[0], result.Decisions[0]));
    }

    private Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        metrics.Refused(refusal.Status);
        return Answers.RefuseAsync(context, refusal);
    }
}
