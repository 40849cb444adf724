using CiMetrics.RunnerExporter.Simulator.Engine;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary><c>/events</c>: what is remembered since a moment, then what happens, until a moment or for ever.</summary>
internal static class EventsEndpoint
{
    public static async Task AnswerAsync(EngineRequest request)
    {
        long? since = Moment(request, "since");
        long? until = Moment(request, "until");
        if (since > until)
            throw new BadRequestException($"`since` time ({request.Query("since")}) cannot be after `until` time ({request.Query("until")})");
        var filters = request.Filters();

        using var subscription = request.Engine.Events.Subscribe();
        request.Http.Response.ContentType = "application/json";
        await request.Http.Response.Body.FlushAsync(request.Ended);

        // Without either bound the engine replays nothing.
        var past = since is null && until is null ? [] : subscription.Past;
        foreach (var entry in past.Where(entry => entry.TimeNano >= (since ?? 0) && entry.TimeNano <= (until ?? long.MaxValue)))
            await SendAsync(request, filters, entry);

        long left = until is { } end ? end - EngineClock.UnixNanoseconds(request.Engine.Clock.Now) : long.MaxValue;
        if (left <= 0)
            return;

        using var timer = until is null ? null : new CancellationTokenSource(TimeSpan.FromTicks(left / 100), request.Engine.Clock.Time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(request.Ended, timer?.Token ?? CancellationToken.None);
        try
        {
            await foreach (var entry in subscription.Channel.Reader.ReadAllAsync(over.Token))
                await SendAsync(request, filters, entry);
        }
        catch (OperationCanceledException) when (timer is { IsCancellationRequested: true } && !request.Ended.IsCancellationRequested)
        {
            return;
        }

        // The channel ends only when the stream is cut: the client must see a broken connection, not an end.
        request.Http.Abort();
    }

    private static async Task SendAsync(EngineRequest request, Filters filters, EngineEvent entry)
    {
        string name = entry.Attributes["name"];
        if (!filters.Exactly("type", "container") || !filters.Exactly("event", entry.Action))
            return;
        if (!filters.Begins("container", entry.Id, name))
            return;
        await request.Engine.Gate.PassAsync(request.Ended);
        await Reply.StreamAsync(request.Http, entry.ToJson(request.Api), request.Ended);
    }

    private static long? Moment(EngineRequest request, string parameter)
    {
        string? text = request.Query(parameter);
        if (string.IsNullOrEmpty(text) || text == "0")
            return null;
        return EngineClock.TryParseUnix(text, out long moment)
            ? moment
            : throw new BadRequestException($"invalid {parameter}: \"{text}\" is not a time in seconds since 1970");
    }
}
