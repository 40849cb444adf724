using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

public sealed class CgroupSamplerTests
{
    private const string Folder = $"docker/{CgroupTree.Id}";

    private CgroupTree _tree = null!;
    private ManualTime _time = null!;
    private DockerClient _client = null!;
    private SamplerFactory _factory = null!;

    [SetUp]
    public void CreateTree()
    {
        _tree = new CgroupTree();
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.ProcessIn($"0::/{Folder}");
        _tree.FilesV2(Folder);
        _time = new ManualTime();
        _client = new DockerClient(DockerEndpoint.Parse(null).Endpoint!, null, _time);
        _factory = new SamplerFactory(_client, _tree.Paths, _time);
    }

    [TearDown]
    public void DisposeTree()
    {
        _factory.Dispose();
        _client.Dispose();
        _tree.Dispose();
    }

    [Test]
    public async Task Held_descriptors_show_later_contents_and_the_clock_gives_the_rate()
    {
        using ISampler sampler = Open();
        ContainerSample first = await TakeAsync(sampler);
        _time.Advance(TimeSpan.FromSeconds(2));
        _tree.File($"{Folder}/cpu.stat", "usage_usec 8000000\n");
        ContainerSample second = await TakeAsync(sampler);
        Assert.That(ContainerSample.CpuCores(first, second), Is.EqualTo(1.5));
        Assert.That(second.Time - first.Time, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [TestCase("host", null)]
    [TestCase("none", 0L)]
    [TestCase("bridge", 1000L)]
    [TestCase("container:abc", 1000L)]
    [TestCase("my-network", 1000L)]
    [TestCase(null, 1000L)]
    public async Task The_network_mode_says_whose_interfaces_are_counted(string? mode, long? received)
    {
        using ISampler sampler = Open(mode);
        Assert.That((await TakeAsync(sampler)).NetworkReceiveBytes, Is.EqualTo(received));
    }

    [Test]
    public async Task What_the_kernel_does_not_account_for_is_absent_not_zero()
    {
        foreach (string name in (string[])["memory.current", "pids.current", "io.stat"]) _tree.Remove($"{Folder}/{name}");
        using ISampler sampler = Open();
        ContainerSample sample = await TakeAsync(sampler);
        Assert.That(sample.CpuUsageNanoseconds, Is.EqualTo(5_000_000_000));
        Assert.That(new[] { sample.MemoryUsageBytes, sample.Pids, sample.BlockInputBytes, sample.BlockOutputBytes }, Is.All.Null);
    }

    [Test]
    public void Without_CPU_figures_the_API_is_used()
    {
        _tree.Remove($"{Folder}/cpu.stat");
        SamplerChoice choice = _factory.Create(CgroupTree.Id, CgroupTree.Pid, "bridge");
        Assert.That(choice.Sampler.Source, Is.EqualTo(SampleSource.StatsApi));
        Assert.That(choice.Reason, Does.Contain("no CPU figures"));
    }

    [Test]
    public async Task A_file_of_an_unknown_format_fails_that_attempt_only()
    {
        using ISampler sampler = Open();
        _tree.File($"{Folder}/cpu.stat", "nonsense\n");
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Failed));
        _tree.File($"{Folder}/cpu.stat", "usage_usec 1\n");
        Assert.That((await TakeAsync(sampler)).CpuUsageNanoseconds, Is.EqualTo(1000));
    }

    [Test]
    public async Task A_file_longer_than_the_buffer_is_read_whole()
    {
        _tree.File($"{Folder}/io.stat", string.Concat(Enumerable.Range(0, 2000).Select(device => $"8:{device} rbytes=1 wbytes=2 rios=1 wios=1\n")));
        using ISampler sampler = Open();
        ContainerSample sample = await TakeAsync(sampler);
        Assert.That((sample.BlockInputBytes, sample.BlockOutputBytes), Is.EqualTo(((long?)2000, (long?)4000)));
    }

    [Test]
    public async Task A_disposed_sampler_says_gone_and_holds_no_descriptor()
    {
        int before = Descriptors();
        ISampler sampler = Open();
        Assert.That(Descriptors(), Is.EqualTo(before + 6));
        sampler.Dispose();
        Assert.That(Descriptors(), Is.EqualTo(before));
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Status, Is.EqualTo(SampleStatus.Gone));
    }

    [Test]
    public async Task Sampling_and_disposing_at_once_never_raises()
    {
        for (int round = 0; round < 50; round++)
        {
            ISampler sampler = Open();
            Task<SampleStatus>[] attempts = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () => (await sampler.SampleAsync(CancellationToken.None)).Status))];
            sampler.Dispose();
            Assert.That(await Task.WhenAll(attempts), Is.All.EqualTo(SampleStatus.Taken).Or.EqualTo(SampleStatus.Gone));
        }
    }

    [Test]
    public async Task A_sample_allocates_only_itself()
    {
        using ISampler sampler = Open();
        for (int warm = 0; warm < 100; warm++) await TakeAsync(sampler);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int taken = 0;
        for (int round = 0; round < 1000; round++) taken += (await sampler.SampleAsync(CancellationToken.None)).TryGet(out _) ? 1 : 0;
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.That(taken, Is.EqualTo(1000));
        Assert.That(each, Is.InRange(1, 512), "bytes a sample");
    }

    private static int Descriptors() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(entry => new FileInfo(entry).LinkTarget?.Contains("/cim-", StringComparison.Ordinal) == true);

    private static async Task<ContainerSample> TakeAsync(ISampler sampler)
    {
        SampleOutcome outcome = await sampler.SampleAsync(CancellationToken.None);
        Assert.That(outcome.TryGet(out ContainerSample? sample), Is.True, outcome.Reason);
        return sample!;
    }

    private ISampler Open(string? mode = "bridge")
    {
        SamplerChoice choice = _factory.Create(CgroupTree.Id, CgroupTree.Pid, mode);
        Assert.That(choice.Sampler.Source, Is.EqualTo(SampleSource.CgroupFiles), choice.Reason);
        return choice.Sampler;
    }
}
