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

    // A small body for each of 1,024 connections, twice as many as there are unless --web.max-connections says otherwise.
    private const long ForSmallBodies = 16L << 20;

    private readonly BodyReader _bodies = new(new BodyBudget(MostBodyBytes, ForSmallBodies), time);

    /// <summary>Answers GET and POST.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Sender? sender = senders is null ? Sender.OfAll : senders.Tokens.Find(context.Request.Headers.Authorization);
        if (sender is null)
        {
            await RefuseAsync(context, Unauthorized(context));
            return;
        }

        DateTimeOffset received = time.GetUtcNow();
        (Body? body, Refusal? refusal) = await _bodies.ReadAsync(context.Request, context.RequestAborted);
        // Until its events are stored.
        using Body? held = body;
        await (body is null ? RefuseAsync(context, refusal!) : TakeAsync(context, sender, body, received));
    }

    private async Task TakeAsync(HttpContext context, Sender sender, Body body, DateTimeOffset received)
    {
        (SentEvents? sent, Refusal? refusal) = RequestReader.Read(context.Request, body.Bytes);
        body.Forget();
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
