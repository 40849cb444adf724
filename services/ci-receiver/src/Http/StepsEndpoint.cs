using CiMetrics.Receiver.Access;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Metrics;
using CiMetrics.Receiver.Storage;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Receiver.Http;

/// <summary><c>/steps</c> and <c>/jobs</c>: takes events, and answers once they are durable.</summary>
internal sealed class StepsEndpoint(IEventStore store, TokenFile? senders, ReceiverMetrics metrics, TimeProvider time)
{
    private const long MostBodyBytes = 64L << 20;

    private readonly BodyBudget _bodies = new(MostBodyBytes);

    /// <summary>Answers GET and POST.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Sender? sender = senders is null ? Sender.OfAll : senders.Tokens.Find(context.Request.Headers.Authorization);
        if (sender is null)
        {
            await RefuseAsync(context, Unauthorized(context));
            return;
        }

        using BodyBudget.Share? share = _bodies.Take(context.Request);
        await (share is null ? RefuseAsync(context, StoreResult.Busy.Refusal!) : TakeAsync(context, sender));
    }

    private async Task TakeAsync(HttpContext context, Sender sender)
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

            if (!sender.MaySend(job.Project))
            {
                await RefuseAsync(context, Forbidden(sent.Events[i], job.Project));
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

    // RFC 6750: who gave no token is not told of an error.
    private static Refusal Unauthorized(HttpContext context)
    {
        bool isGiven = context.Request.Headers.Authorization.Count > 0;
        context.Response.Headers.WWWAuthenticate = isGiven ? "Bearer realm=\"receiver\", error=\"invalid_token\"" : "Bearer realm=\"receiver\"";
        const string Rule = "must be \"Bearer\" and one of the tokens in the receiver's --token-file";
        return new Refusal(StatusCodes.Status401Unauthorized, isGiven ? $"Authorization {Rule}; what was given is not" : $"Authorization must be given: it {Rule}", "Authorization", Rule: Rule);
    }

    private static Refusal Forbidden(RawEvent raw, string project)
    {
        const string Rule = "must be a project that the token speaks for";
        // What was sent, not what it would be counted as.
        string sent = Shown.Short(raw[EventField.Project] ?? project);
        string hint = Unexpanded.VariableIn(sent) is { } variable ? $": nothing has put the value of ${variable} in its place" : "";
        return new Refusal(StatusCodes.Status403Forbidden, $"project {Rule}; it is \"{sent}\"{hint}", raw.PathOf("project"), sent, Rule);
    }

    private Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        metrics.Refused(refusal.Status);
        return Answers.RefuseAsync(context, refusal);
    }
}
