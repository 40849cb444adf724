using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

public sealed class StatsSamplerTests
{
    private TempFolder _folder = null!;
    private DockerClient _client = null!;
    private SamplerFactory _factory = null!;

    [SetUp]
    public void CreateFactory()
    {
        _folder = new TempFolder();
        _client = new DockerClient(DockerEndpoint.Parse($"unix://{_folder.PathOf("d.sock")}").Endpoint!, null, TimeProvider.System);
        _factory = new SamplerFactory(_client, new HostPaths(_folder.PathOf("proc"), _folder.PathOf("cg")), TimeProvider.System);
    }

    [TearDown]
    public void DisposeFactory()
    {
        _factory.Dispose();
        _client.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task Cores_come_from_the_engines_own_clock()
    {
        ManualTime time = new();
        await using DockerSimulator simulator = await StartAsync(new SimulatorOptions { Time = time });
        string id = simulator.StartContainer("r_p_build", settings => settings.Figures = active => new ContainerFigures { CpuNanoseconds = active.Ticks * 150 });
        using ISampler sampler = Sampler(id);
        time.Advance(TimeSpan.FromSeconds(1));
        ContainerSample first = await TakeAsync(sampler);
        time.Advance(TimeSpan.FromSeconds(10));
        ContainerSample second = await TakeAsync(sampler);
        Assert.That(ContainerSample.CpuCores(first, second), Is.EqualTo(1.5).Within(1e-6));
    }

    [Test]
    public async Task Twenty_samples_that_take_a_second_each_are_taken_side_by_side()
    {
        // The simulated second passes when the test says so: only calls that are all under way can end together.
        ManualTime time = new();
        await using DockerSimulator simulator = await StartAsync(new SimulatorOptions { ApiVersion = "1.40", Time = time });
        ISampler[] samplers = [.. Enumerable.Range(0, 20).Select(number => Sampler(simulator.StartContainer($"r_{number}_build")))];
        Task<SampleOutcome>[] samples = [.. samplers.Select(sampler => sampler.SampleAsync(CancellationToken.None).AsTask())];
        await Eventually.TrueAsync(() => simulator.Requests.Count(request => request.Contains("/stats", StringComparison.Ordinal)) == 20, "all twenty calls to be under way");
        Assert.That(samples.Count(sample => sample.IsCompleted), Is.Zero);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return samples.All(sample => sample.IsCompleted);
            },
            "all samples");
        Assert.That((await Task.WhenAll(samples)).Select(outcome => outcome.Status), Is.All.EqualTo(SampleStatus.Taken));
    }

    [Test]
    public async Task No_more_calls_than_allowed_run_at_a_time()
    {
        await using DockerSimulator simulator = await StartAsync(new SimulatorOptions());
        await _client.PingAsync(CancellationToken.None);
        simulator.Hanging = true;
        using CancellationTokenSource cancel = new();
        Task[] samples = [.. Enumerable.Range(0, 50).Select(number => Sampler($"{number}").SampleAsync(cancel.Token).AsTask())];
        await Eventually.TrueAsync(() => Calls() == SamplerFactory.ConcurrentStatsCalls, "as many calls as allowed");
        await Task.Delay(100);
        Assert.That(Calls(), Is.EqualTo(SamplerFactory.ConcurrentStatsCalls));
        await cancel.CancelAsync();
        foreach (Task sample in samples) Assert.That(async () => await sample, Throws.InstanceOf<OperationCanceledException>());

        int Calls() => simulator.Requests.Count(request => request.Contains("/stats", StringComparison.Ordinal));
    }

    [Test]
    public async Task Waiting_and_calling_together_have_a_deadline()
    {
        ManualTime time = new();
        using SemaphoreSlim closed = new(0);
        StatsSampler sampler = new(_client, "abc", "bridge", closed, time);
        Task<SampleOutcome> sample = sampler.SampleAsync(CancellationToken.None).AsTask();
        time.Advance(StatsSampler.Deadline);
        SampleOutcome outcome = await sample;
        Assert.That(outcome.Status, Is.EqualTo(SampleStatus.Failed));
        Assert.That(outcome.Reason, Does.Contain("12 s"));
    }

    [Test]
    public async Task A_container_that_ended_or_was_removed_is_gone()
    {
        await using DockerSimulator simulator = await StartAsync(new SimulatorOptions());
        string id = simulator.StartContainer("r_p_build");
        using ISampler sampler = Sampler(id);
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Taken));
        simulator.StopContainer(id);
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Gone));
        simulator.RemoveContainer(id);
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Gone));
    }

    [Test]
    public async Task An_engine_that_is_away_fails_the_attempt_and_the_next_succeeds()
    {
        string id;
        await using (DockerSimulator simulator = await StartAsync(new SimulatorOptions())) id = simulator.StartContainer("r_p_build");
        using ISampler sampler = Sampler(id);
        SampleOutcome outcome = await sampler.SampleAsync(CancellationToken.None);
        Assert.That(outcome.Status, Is.EqualTo(SampleStatus.Failed));
        Assert.That(outcome.Reason, Does.Contain("no socket"));
        await using DockerSimulator again = await StartAsync(new SimulatorOptions());
        using ISampler other = Sampler(again.StartContainer("r_p_build"));
        Assert.That((await other.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Taken));
    }

    [Test]
    public async Task A_disposed_sampler_says_gone()
    {
        ISampler sampler = Sampler("abc");
        sampler.Dispose();
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Gone));
    }

    private static async Task<ContainerSample> TakeAsync(ISampler sampler)
    {
        SampleOutcome outcome = await sampler.SampleAsync(CancellationToken.None);
        Assert.That(outcome.TryGet(out ContainerSample? sample), Is.True, outcome.Reason);
        return sample!;
    }

    private Task<DockerSimulator> StartAsync(SimulatorOptions options) => DockerSimulator.StartAsync(_folder.PathOf("d.sock"), options);

    private ISampler Sampler(string id) => _factory.Create(id, 5_000_000, "bridge").Sampler;
}
