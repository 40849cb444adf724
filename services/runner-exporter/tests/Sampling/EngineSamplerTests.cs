using System.Diagnostics;
using System.Globalization;
using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

/// <summary>The samplers against a real engine.</summary>
[NonParallelizable]
public sealed class EngineSamplerTests
{
    private const string Burn = "while :; do :; done";

    private Dockerd _engine = null!;
    private DockerClient _client = null!;
    private SamplerFactory _factory = null!;

    [OneTimeSetUp]
    public async Task StartEngine()
    {
        _engine = await Dockerd.StartAsync();
        _client = new DockerClient(DockerEndpoint.Parse(_engine.Host).Endpoint!, null, TimeProvider.System);
        _factory = new SamplerFactory(_client, new HostPaths(), TimeProvider.System);
    }

    [OneTimeTearDown]
    public async Task StopEngine()
    {
        _factory?.Dispose();
        _client?.Dispose();
        if (_engine is not null) await _engine.DisposeAsync();
    }

    [Test]
    public async Task Files_and_statistics_agree_with_the_containers_own_cgroup()
    {
        string id = await _engine.RunAsync("agree_x_build", $"dd if=/dev/zero of=/blob bs=64k count=64; sync; sleep 300 & sleep 300 & {Burn}", "--cpus", "0.5");
        DockerContainer container = Value(await _client.InspectAsync(id, CancellationToken.None));
        SamplerChoice choice = _factory.Create(id, container.State!.Pid!.Value, "none");
        TestContext.Out.WriteLine(choice.Reason);
        using ISampler files = choice.Sampler;
        using StatsSampler statistics = new(_client, id, "none", new SemaphoreSlim(1), TimeProvider.System);
        Assert.That(files.Source, Is.EqualTo(SampleSource.CgroupFiles), choice.Reason);
        await Eventually.TrueAsync(async () => (await SampleAsync(files)).Pids == 3, "the burner and its sleepers");

        (ContainerSample file1, ContainerSample api1, long own1, long at1) = (await SampleAsync(files), await SampleAsync(statistics), OwnCpu(id), Stopwatch.GetTimestamp());
        await Task.Delay(3000);
        (ContainerSample file2, ContainerSample api2, long own2, long at2) = (await SampleAsync(files), await SampleAsync(statistics), OwnCpu(id), Stopwatch.GetTimestamp());
        double own = (own2 - own1) / Stopwatch.GetElapsedTime(at1, at2).TotalNanoseconds;
        double? byFiles = ContainerSample.CpuCores(file1, file2);
        double? byApi = ContainerSample.CpuCores(api1, api2);
        TestContext.Out.WriteLine($"cores: own cgroup {own:0.000}, files {byFiles:0.000}, API {byApi:0.000}");
        // A quota of 0.5 holds per period of 100 ms; what remains is when each was read.
        Assert.That(byFiles, Is.EqualTo(own).Within(0.1).And.GreaterThan(0));
        Assert.That(byApi, Is.EqualTo(own).Within(0.1));
        Assert.That(api2.Pids, Is.EqualTo(file2.Pids));
        Assert.That(api2.MemoryUsageBytes, Is.EqualTo(file2.MemoryUsageBytes).Within(20).Percent);
        Assert.That((file2.NetworkReceiveBytes, api2.NetworkReceiveBytes), Is.EqualTo(((long?)0, (long?)0)));
        ContainerSample file3 = await SampleAsync(files);
        Assert.That(api2.BlockInputBytes, Is.AtLeast(file2.BlockInputBytes!.Value).And.AtMost(file3.BlockInputBytes!.Value));
        Assert.That(api2.BlockOutputBytes, Is.AtLeast(file2.BlockOutputBytes!.Value).And.AtMost(file3.BlockOutputBytes!.Value));
    }

    [Test]
    public async Task Direct_writes_are_counted_by_both_samplers()
    {
        string id = await _engine.RunAsync("block_x_build", "dd if=/dev/zero of=/blob bs=1M count=8 oflag=direct; sync; sleep 300", BlockAccounting.DockerOptions);
        DockerContainer container = Value(await _client.InspectAsync(id, CancellationToken.None));
        using ISampler files = _factory.Create(id, container.State!.Pid!.Value, "none").Sampler;
        using StatsSampler statistics = new(_client, id, "none", new SemaphoreSlim(1), TimeProvider.System);
        await Eventually.TrueAsync(async () => (await SampleAsync(files)).BlockOutputBytes >= 8 << 20, "eight MiB to be written");
        ContainerSample before = await SampleAsync(files), api = await SampleAsync(statistics), after = await SampleAsync(files);
        TestContext.Out.WriteLine($"files {before.BlockOutputBytes}, API {api.BlockOutputBytes}, files {after.BlockOutputBytes}");
        // The container's sync may still be writing: the API must lie between two readings of the counter it reports.
        Assert.That(api.BlockOutputBytes, Is.AtLeast(before.BlockOutputBytes!.Value).And.AtMost(after.BlockOutputBytes!.Value));
        Assert.That(after.BlockOutputBytes, Is.LessThan(16 << 20), "eight MiB and the file system's own blocks, not twice as much");
    }

    [Test]
    public async Task A_paused_container_is_sampled_and_stands_still()
    {
        string id = await _engine.RunAsync("paused_x_build", Burn, "--cpus", "0.5");
        DockerContainer container = Value(await _client.InspectAsync(id, CancellationToken.None));
        using ISampler files = _factory.Create(id, container.State!.Pid!.Value, "none").Sampler;
        await _engine.DockerAsync("pause", id);
        Assert.That(Value(await _client.InspectAsync(id, CancellationToken.None)).State!.Paused, Is.True);
        ContainerSample first = await SampleAsync(files);
        await Task.Delay(500);
        Assert.That((await SampleAsync(files)).CpuUsageNanoseconds, Is.EqualTo(first.CpuUsageNanoseconds));
    }

    [TestCase("host", null)]
    [TestCase("container:network_owner", 0L)]
    public async Task Both_samplers_agree_on_whose_network_is_counted(string mode, long? received)
    {
        await _engine.RunAsync("network_owner", "sleep 300");
        string id = await _engine.DockerAsync("run", "-d", "--network", mode, "busybox", "/bin/sleep", "300");
        DockerContainer container = Value(await _client.InspectAsync(id, CancellationToken.None));
        string actual = container.HostConfig!.NetworkMode!;
        using ISampler files = _factory.Create(id, container.State!.Pid!.Value, actual).Sampler;
        using StatsSampler statistics = new(_client, id, actual, new SemaphoreSlim(1), TimeProvider.System);
        ContainerSample file = await SampleAsync(files), api = await SampleAsync(statistics);
        TestContext.Out.WriteLine($"{actual}: files {file.NetworkReceiveBytes}, API {api.NetworkReceiveBytes}");
        await _engine.DockerAsync("rm", "-f", id, "network_owner");
        Assert.That(file.Source, Is.EqualTo(SampleSource.CgroupFiles));
        Assert.That(file.NetworkReceiveBytes, Is.EqualTo(received));
        Assert.That(api.NetworkReceiveBytes, Is.EqualTo(received).Or.Null);
    }

    [Test]
    public async Task An_ended_container_is_gone_for_both_samplers()
    {
        string id = await _engine.RunAsync("gone_x_build", "sleep 60");
        DockerContainer container = Value(await _client.InspectAsync(id, CancellationToken.None));
        int pid = container.State!.Pid!.Value;
        using ISampler files = _factory.Create(id, pid, "none").Sampler;
        using StatsSampler statistics = new(_client, id, "none", new SemaphoreSlim(1), TimeProvider.System);
        await SampleAsync(files);
        await _engine.DockerAsync("kill", id);
        await Eventually.TrueAsync(async () => (await files.SampleAsync(CancellationToken.None)).Status == SampleStatus.Gone, "the cgroup to go");
        Assert.That((await statistics.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Gone));
        Assert.That(_factory.Create(id, pid, "none").Sampler.Source, Is.EqualTo(SampleSource.StatsApi));
    }

    [Test]
    public async Task Twenty_statistics_calls_take_no_twenty_seconds()
    {
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => _engine.RunAsync($"many_{number}_build", "sleep 300")));
        using SemaphoreSlim gate = new(SamplerFactory.ConcurrentStatsCalls);
        Stopwatch watch = Stopwatch.StartNew();
        SampleOutcome[] outcomes = await Task.WhenAll(ids.Select(id => new StatsSampler(_client, id, "none", gate, TimeProvider.System).SampleAsync(CancellationToken.None).AsTask()));
        TestContext.Out.WriteLine($"twenty samples in {watch.Elapsed.TotalSeconds:0.00} s");
        Assert.That(outcomes.Select(outcome => outcome.Status), Is.All.EqualTo(SampleStatus.Taken));
        foreach (string id in ids) await _engine.DockerAsync("rm", "-f", id);
    }

    private static async Task<ContainerSample> SampleAsync(ISampler sampler)
    {
        SampleOutcome outcome = await sampler.SampleAsync(CancellationToken.None);
        Assert.That(outcome.TryGet(out ContainerSample? sample), Is.True, outcome.Reason);
        return sample!;
    }

    /// <summary>The container's CPU figure as the kernel has it, found without the code under test.</summary>
    private static long OwnCpu(string id)
    {
        string v1 = $"/sys/fs/cgroup/cpuacct/docker/{id}/cpuacct.usage";
        if (File.Exists(v1)) return long.Parse(File.ReadAllText(v1), CultureInfo.InvariantCulture);
        string v2 = Directory.EnumerateDirectories("/sys/fs/cgroup", $"*{id}*", SearchOption.AllDirectories).First() + "/cpu.stat";
        return long.Parse(File.ReadLines(v2).First().Split(' ')[1], CultureInfo.InvariantCulture) * 1000;
    }

    private static T Value<T>(DockerResult<T> result)
        where T : class
    {
        Assert.That(result.TryGet(out T? value, out DockerFailure? failure), Is.True, failure?.Message);
        return value!;
    }
}
