using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Discovery;

public sealed class DockerClientSimulatorTests
{
    private TempFolder _folder = null!;
    private DockerClient _client = null!;

    private string SocketPath => _folder.PathOf("d.sock");

    [SetUp]
    public void CreateClient()
    {
        _folder = new TempFolder();
        _client = Client();
    }

    [TearDown]
    public void DisposeClient()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [TestCase("1.41", "stream=0&one-shot=1")]
    [TestCase("1.47", "stream=0&one-shot=1")]
    [TestCase("1.40", "stream=0")]
    public async Task Statistics_are_asked_for_in_the_mode_of_the_version(string version, string query)
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions { ApiVersion = version });
        string id = simulator.StartContainer("r_p_build");
        DockerStats stats = Value(await _client.StatsAsync(id, CancellationToken.None));
        Assert.That(simulator.Requests[^1], Is.EqualTo($"GET /v{version}/containers/{id}/stats?{query}"));
        Assert.That(stats.CpuStats!.CpuUsage!.TotalUsage, Is.GreaterThan(0UL));
        Assert.That(stats.Networks, Does.ContainKey("eth0"));
    }

    [Test]
    public async Task An_engine_exchanged_between_two_calls_is_asked_for_its_version_again()
    {
        await using (await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions { ApiVersion = "1.47" }))
            await _client.PingAsync(CancellationToken.None);
        Assert.That(_client.Version, Is.EqualTo(new ApiVersion(1, 47)));

        // Nothing failed meanwhile: only the refusal of 1.47 says that it is another engine.
        await using DockerSimulator older = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions { ApiVersion = "1.41", Cpus = 3 });
        Assert.That(Value(await _client.InfoAsync(CancellationToken.None)).Cpus, Is.EqualTo(3));
        Assert.That(_client.Version, Is.EqualTo(new ApiVersion(1, 41)));
        Assert.That(older.Requests, Is.EqualTo(new[] { "GET /v1.47/info", "GET /_ping", "GET /v1.41/info" }));
    }

    [Test]
    public async Task A_fixed_version_that_the_engine_refuses_is_not_negotiated_away()
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions { ApiVersion = "1.41" });
        using DockerClient client = Client("1.45");
        DockerFailure failure = (await client.InfoAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.VersionMismatch));
        Assert.That(failure.Message, Does.Contain("1.45").And.Contain("Maximum supported API version is 1.41"));
    }

    [Test]
    public async Task An_engine_that_is_too_new_says_so()
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions { ApiVersion = "1.60", MinApiVersion = "1.50" });
        DockerFailure failure = (await _client.InfoAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.VersionMismatch));
        Assert.That(failure.Message, Does.Contain("Minimum supported API version is 1.50"));
    }

    [Test]
    public async Task Only_matching_containers_are_listed()
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions());
        string running = simulator.StartContainer("r_p_build");
        string ended = simulator.StartContainer("r_q_build");
        simulator.StartContainer("r_p_build_pause");
        simulator.StopContainer(ended);
        Assert.That(await IdsAsync(all: false), Is.EqualTo(new[] { running }));
        Assert.That(await IdsAsync(all: true), Is.EquivalentTo(new[] { running, ended }));

        async Task<string?[]> IdsAsync(bool all) =>
            [.. Value(await _client.ListContainersAsync("_build$", all, CancellationToken.None)).Select(container => container.Id)];
    }

    [Test]
    public async Task An_unknown_container_is_not_found()
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions());
        Assert.That((await _client.InspectAsync("absent", CancellationToken.None)).Failure!.Kind, Is.EqualTo(DockerFailureKind.NotFound));
        Assert.That((await _client.StatsAsync("absent", CancellationToken.None)).Failure!.Kind, Is.EqualTo(DockerFailureKind.NotFound));
    }

    [TestCase("1.47", null, TestName = "Events with the old fields beside the new ones")]
    [TestCase("1.52", "1.52", TestName = "Events without the old fields")]
    public async Task Events_of_a_build_arrive_in_order(string engine, string? fixedVersion)
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions { ApiVersion = engine });
        using DockerClient client = Client(fixedVersion);
        using DockerEventStream stream = Value(await client.OpenEventsAsync(null, ["start", "pause", "unpause", "update", "die"], CancellationToken.None));
        string id = simulator.StartContainer("r_p_build");
        simulator.Pause(id);
        simulator.Unpause(id);
        simulator.Update(id, settings => settings.Memory = 5);
        simulator.StopContainer(id, 7);
        List<DockerEvent> events = await TakeAsync(stream, 5);
        Assert.That(events.ConvertAll(happened => happened.Action), Is.EqualTo(new[] { "start", "pause", "unpause", "update", "die" }));
        Assert.That(events.ConvertAll(happened => (happened.Id, happened.Name)), Is.All.EqualTo((id, "r_p_build")));
        Assert.That(events[^1].ExitCode, Is.EqualTo(7));
        Assert.That(events.ConvertAll(happened => happened.TimeNano), Is.Ordered.And.All.GreaterThan(0));
    }

    [Test]
    public async Task After_a_cut_the_stream_goes_on_since_the_last_event()
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions());
        using DockerEventStream first = Value(await _client.OpenEventsAsync(null, ["start"], CancellationToken.None));
        simulator.StartContainer("r_p_build");
        await using IAsyncEnumerator<DockerEvent> reader = first.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.That(await reader.MoveNextAsync(), Is.True);
        long last = reader.Current.TimeNano;
        simulator.CutEventStreams();
        Assert.That(await reader.MoveNextAsync(), Is.False);
        Assert.That(first.Failure!.Kind, Is.EqualTo(DockerFailureKind.Unreachable));

        simulator.StartContainer("r_q_build");
        using DockerEventStream second = Value(await _client.OpenEventsAsync(last + 1, ["start"], CancellationToken.None));
        Assert.That((await TakeAsync(second, 1))[0].Name, Is.EqualTo("r_q_build"));
    }

    [Test]
    public async Task Reading_events_ends_by_cancellation()
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions());
        using DockerEventStream stream = Value(await _client.OpenEventsAsync(null, ["start"], CancellationToken.None));
        using CancellationTokenSource cancel = new();
        ValueTask<bool> next = stream.ReadAllAsync(cancel.Token).GetAsyncEnumerator(cancel.Token).MoveNextAsync();
        await cancel.CancelAsync();
        Assert.That(async () => await next, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_hanging_engine_is_a_timeout_and_then_answers_again()
    {
        await using DockerSimulator simulator = await DockerSimulator.StartAsync(SocketPath, new SimulatorOptions());
        ManualTime time = new();
        using DockerClient client = new(DockerEndpoint.Parse($"unix://{SocketPath}").Endpoint!, null, time);
        Value(await client.PingAsync(CancellationToken.None));
        simulator.Hanging = true;
        Task<DockerResult<DockerInfo>> info = client.InfoAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => simulator.Requests.Count == 2, "the request to arrive");
        time.Advance(DockerCall.Slow.Patience);
        Assert.That((await info).Failure!.Kind, Is.EqualTo(DockerFailureKind.Timeout));
        simulator.Hanging = false;
        Value(await client.InfoAsync(CancellationToken.None));
    }

    private static T Value<T>(DockerResult<T> result)
        where T : class
    {
        Assert.That(result.TryGet(out T? value, out DockerFailure? failure), Is.True, failure?.Message);
        return value!;
    }

    private static async Task<List<DockerEvent>> TakeAsync(DockerEventStream stream, int count)
    {
        using CancellationTokenSource patience = new(Eventually.Patience);
        List<DockerEvent> events = [];
        await foreach (DockerEvent happened in stream.ReadAllAsync(patience.Token))
        {
            events.Add(happened);
            if (events.Count == count) break;
        }

        return events;
    }

    private DockerClient Client(string? version = null) =>
        new(DockerEndpoint.Parse($"unix://{SocketPath}").Endpoint!, ApiVersion.TryParse(version), TimeProvider.System);
}
