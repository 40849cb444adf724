using System.Globalization;
using CiMetrics.Docker;
using CiMetrics.Testing;

namespace CiMetrics.Docker.Tests;

/// <summary>The client against a real engine.</summary>
[NonParallelizable]
public sealed class DockerEngineTests
{
    private Dockerd _engine = null!;
    private DockerClient _client = null!;

    [OneTimeSetUp]
    public async Task StartEngine()
    {
        _engine = await Dockerd.StartAsync();
        _client = new DockerClient(DockerEndpoint.Parse(_engine.Host).Endpoint!, null, TimeProvider.System);
    }

    [OneTimeTearDown]
    public async Task StopEngine()
    {
        _client?.Dispose();
        if (_engine is not null) await _engine.DisposeAsync();
    }

    [Test]
    public async Task The_engine_is_recognised_and_its_version_used()
    {
        string server = await _engine.DockerAsync("version", "--format", "{{.Server.Version}} {{.Server.APIVersion}}");
        DockerPing ping = Value(await _client.PingAsync(CancellationToken.None));
        Assert.That($"{ping.Server!.Split('/', ' ')[1]} {ping.EngineApiVersion}", Is.EqualTo(server));
        Assert.That(ApiVersion.Newest.IsAtLeast(ping.ApiVersion), Is.True);
        Assert.That(ping.EngineTime, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task The_host_is_described()
    {
        DockerInfo info = Value(await _client.InfoAsync(CancellationToken.None));
        Assert.That(info.Cpus, Is.EqualTo(Environment.ProcessorCount));
        string total = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.That(info.MemTotal, Is.EqualTo(long.Parse(total, CultureInfo.InvariantCulture) * 1024));
        Assert.That(info.CgroupVersion, Is.EqualTo("1").Or.EqualTo("2"));
        Assert.That(info.Id, Is.Not.Empty);
    }

    [Test]
    public async Task A_container_is_listed_and_inspected_with_its_limits_and_an_update_of_them()
    {
        string id = await _engine.RunAsync("list_x_build", "sleep 60", "--memory", "64m", "--cpu-quota", "50000", "--cpuset-cpus", "0", "--pids-limit", "50");
        await _engine.RunAsync("list_x_other", "sleep 60");
        DockerContainerSummary listed = Value(await _client.ListContainersAsync("^/list_.*_build$", all: false, CancellationToken.None)).Single();
        Assert.That((listed.Id, listed.Name, listed.State), Is.EqualTo((id, "list_x_build", "running")));

        DockerContainer container = Value(await _client.InspectAsync(id, CancellationToken.None));
        Assert.That((container.Id, container.PlainName), Is.EqualTo((id, "list_x_build")));
        Assert.That(container.State!.Running, Is.True);
        Assert.That(Directory.Exists($"/proc/{container.State.Pid}"), Is.True);
        Assert.That(container.State.StartedAt, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
        Assert.That(container.HostConfig!.NetworkMode, Is.EqualTo("none"));
        Assert.That((container.HostConfig.CpuQuota, container.HostConfig.CpusetCpus), Is.EqualTo(((long?)50_000, "0")));
        Assert.That((container.HostConfig.Memory, container.HostConfig.PidsLimit), Is.EqualTo(((long?)64 << 20, (long?)50)));

        await _engine.DockerAsync("update", "--cpu-quota", "25000", id);
        container = Value(await _client.InspectAsync(id, CancellationToken.None));
        Assert.That(container.HostConfig!.CpuQuota, Is.EqualTo(25_000));
    }

    [Test]
    public async Task Events_of_a_containers_life_arrive_and_are_replayed_since_a_moment()
    {
        DockerPing ping = Value(await _client.PingAsync(CancellationToken.None));
        using DockerEventStream live = Value(await _client.OpenEventsAsync(null, ["start", "die", "pause", "unpause", "update"], CancellationToken.None));
        string id = await _engine.RunAsync("events_x_build", "sleep 60");
        await _engine.DockerAsync("pause", id);
        await _engine.DockerAsync("unpause", id);
        await _engine.DockerAsync("update", "--memory", "64m", "--memory-swap", "64m", id);
        await _engine.DockerAsync("kill", id);
        string[] expected = ["start", "pause", "unpause", "update", "die"];
        List<DockerEvent> events = await TakeAsync(live, id, expected.Length);
        Assert.That(events.ConvertAll(happened => happened.Action), Is.EqualTo(expected));
        Assert.That(events.ConvertAll(happened => happened.Name), Is.All.EqualTo("events_x_build"));
        Assert.That(events[^1].ExitCode, Is.EqualTo(137));

        using DockerEventStream replay = Value(await _client.OpenEventsAsync(ping.EngineTime!.Value.ToUnixTimeSeconds() * 1_000_000_000, expected, CancellationToken.None));
        Assert.That((await TakeAsync(replay, id, expected.Length)).ConvertAll(happened => happened.TimeNano), Is.EqualTo(events.ConvertAll(happened => happened.TimeNano)));
        using DockerEventStream rest = Value(await _client.OpenEventsAsync(events[2].TimeNano + 1, expected, CancellationToken.None));
        Assert.That((await TakeAsync(rest, id, 2)).ConvertAll(happened => happened.Action), Is.EqualTo(new[] { "update", "die" }));
    }

    private static T Value<T>(DockerResult<T> result)
        where T : class
    {
        Assert.That(result.TryGet(out T? value, out DockerFailure? failure), Is.True, failure?.Message);
        return value!;
    }

    private static async Task<List<DockerEvent>> TakeAsync(DockerEventStream stream, string id, int count)
    {
        using CancellationTokenSource patience = new(Eventually.Patience);
        List<DockerEvent> events = [];
        await foreach (DockerEvent happened in stream.ReadAllAsync(patience.Token))
        {
            if (happened.Id == id) events.Add(happened);
            if (events.Count == count) break;
        }

        return events;
    }
}
