namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary><c>/containers/{id}/stats</c>: one read, one read after a second, or a stream.</summary>
internal static class StatsEndpoint
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly Version WithOneShot = new(1, 41);
    private static readonly Version WithNamedOneShot = new(1, 52);

    public static Task AnswerAsync(EngineRequest request, string reference)
    {
        bool stream = request.Flag("stream", missing: true);
        bool oneShot = request.Api >= WithOneShot && request.Flag("one-shot");
        if (stream && oneShot && request.Engine.MaxApi < WithNamedOneShot)
            throw new BadRequestException("cannot have stream=true and one-shot=true");

        if (!StatsSample.TryTake(request.Engine, reference, out string? name, out string? id, out var sample))
            return Reply.NoContainerAsync(request.Http, reference);
        if (stream)
            return StreamAsync(request, id!);
        if (sample is null)
            return Reply.JsonAsync(request.Http, StatsJson.Empty(name!, id!));
        return oneShot
            ? Reply.JsonAsync(request.Http, StatsJson.Frame(sample, before: null, named: request.Engine.MaxApi >= WithNamedOneShot))
            : AfterATickAsync(request, sample);
    }

    /// <summary>The engine waits for its collector's next round, so that <c>precpu_stats</c> is filled.</summary>
    private static async Task AfterATickAsync(EngineRequest request, StatsSample before)
    {
        await request.Engine.Clock.Delay(Tick, request.Ended);
        await request.Engine.Gate.PassAsync(request.Ended);
        StatsSample.TryTake(request.Engine, before.Id, out _, out _, out var sample);
        await Reply.JsonAsync(request.Http, sample is null ? StatsJson.Empty(before.Name, before.Id) : StatsJson.Frame(sample, before, named: true));
    }

    /// <summary>A frame a second until the container is removed.</summary>
    private static async Task StreamAsync(EngineRequest request, string id)
    {
        request.Http.Response.ContentType = "application/json";
        StatsSample? before = null;
        while (StatsSample.TryTake(request.Engine, id, out string? name, out _, out var sample))
        {
            var frame = sample is null ? StatsJson.Empty(name!, id) : StatsJson.Frame(sample, before, named: true);
            await Reply.StreamAsync(request.Http, frame, request.Ended);
            before = sample;
            await request.Engine.Clock.Delay(Tick, request.Ended);
            await request.Engine.Gate.PassAsync(request.Ended);
        }
    }
}
