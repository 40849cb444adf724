using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

/// <summary>Throttling and memory in detail, from the files of both cgroup versions.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DetailFiguresTests : IDisposable
{
    private const string Folder = $"docker/{CgroupTree.Id}";
    private readonly CgroupTree _tree = new();
    private readonly DockerClient _client = new(DockerEndpoint.Parse("unix:///nowhere").Endpoint!, fixedVersion: null, TimeProvider.System);

    [Test]
    public async Task Version_1([Values] bool coMounted)
    {
        _tree.MountsV1(coMounted);
        _tree.FilesV1($"/{Folder}", coMounted);
        _tree.ProcessIn(coMounted ? $"5:cpu,cpuacct:/{Folder}" : $"5:cpuacct:/{Folder}\n6:cpu:/{Folder}", $"4:memory:/{Folder}", $"3:pids:/{Folder}", $"2:blkio:/{Folder}");
        _tree.File($"{(coMounted ? "cpu,cpuacct" : "cpu")}/{Folder}/cpu.stat", "nr_periods 40\nnr_throttled 30\nthrottled_time 2500000000\n");
        _tree.File($"memory/{Folder}/memory.stat", "inactive_file 1\nrss 2\ntotal_rss 5000000\ntotal_inactive_file 4857600\n");
        _tree.File($"memory/{Folder}/memory.max_usage_in_bytes", "204857600\n");
        _tree.File($"memory/{Folder}/memory.failcnt", "12\n");
        _tree.File($"memory/{Folder}/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
        _tree.File($"pids/{Folder}/pids.max", "77\n");
        Check(await SampleAsync(), peak: 204857600, pidsLimit: 77);
    }

    [Test]
    public async Task Version_2()
    {
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.FilesV2(Folder);
        _tree.ProcessIn($"0::/{Folder}");
        _tree.File($"{Folder}/cpu.stat", "usage_usec 5000000\nnr_periods 40\nnr_throttled 30\nthrottled_usec 2500000\n");
        _tree.File($"{Folder}/memory.stat", "anon 5000000\nfile 9\ninactive_file 4857600\n");
        _tree.File($"{Folder}/memory.events", "low 0\nhigh 0\nmax 12\noom 4\noom_kill 3\n");
        _tree.File($"{Folder}/pids.max", "max\n");
        _tree.File($"{Folder}/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=100\n");
        _tree.File($"{Folder}/io.pressure", "some avg10=1.00 avg60=0.50 avg300=0.10 total=300\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=200\n");
        ContainerSample sample = await SampleAsync();
        Check(sample, peak: null, pidsLimit: null);
        // Before Linux 5.13 a cgroup's CPU file has no full line; a kernel without PSI has no file.
        Assert.That(sample.CpuPressure, Is.EqualTo(new Pressure(100, null)));
        Assert.That(sample.BlockPressure, Is.EqualTo(new Pressure(300, 200)));
        Assert.That(sample.MemoryPressure, Is.EqualTo(default(Pressure)));
    }

    [Test]
    public async Task What_the_kernel_does_not_account_for_is_absent()
    {
        _tree.MountsV1(coMounted: true);
        _tree.FilesV1($"/{Folder}", coMounted: true);
        _tree.ProcessIn($"5:cpu,cpuacct:/{Folder}", $"4:memory:/{Folder}");
        ContainerSample sample = await SampleAsync();
        Assert.That(new[] { sample.ThrottledPeriods, sample.AnonymousBytes, sample.PeakBytes, sample.MemoryFailures, sample.OomKills, sample.PidsLimit }, Is.All.Null);
        Assert.That(sample.WorkingSetBytes, Is.EqualTo(sample.MemoryUsageBytes));
    }

    public void Dispose()
    {
        _client.Dispose();
        _tree.Dispose();
    }

    private static void Check(ContainerSample sample, long? peak, long? pidsLimit)
    {
        Assert.Multiple(() =>
        {
            Assert.That(sample.CpuPeriods, Is.EqualTo(40));
            Assert.That(sample.ThrottledPeriods, Is.EqualTo(30));
            Assert.That(sample.ThrottledNanoseconds, Is.EqualTo(2_500_000_000));
            Assert.That(sample.AnonymousBytes, Is.EqualTo(5_000_000));
            Assert.That(sample.WorkingSetBytes, Is.EqualTo(100_000_000));
            Assert.That(sample.MemoryFailures, Is.EqualTo(12));
            Assert.That(sample.OomKills, Is.EqualTo(3));
            Assert.That(sample.PeakBytes, Is.EqualTo(peak));
            Assert.That(sample.PidsLimit, Is.EqualTo(pidsLimit));
        });
    }

    private async Task<ContainerSample> SampleAsync()
    {
        using SamplerFactory factory = new(_client, _tree.Paths, TimeProvider.System);
        SamplerChoice choice = factory.Create(CgroupTree.Id, CgroupTree.Pid, "bridge");
        using ISampler sampler = choice.Sampler;
        Assert.That(sampler.Source, Is.EqualTo(SampleSource.CgroupFiles), choice.Reason);
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).TryGet(out ContainerSample? sample), Is.True);
        return sample!;
    }
}
