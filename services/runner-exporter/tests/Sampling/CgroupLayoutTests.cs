using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

/// <summary>The sampler that the factory chooses on hosts of every layout, and the figures it reads there.</summary>
public sealed class CgroupLayoutTests
{
    private CgroupTree _tree = null!;
    private DockerClient _client = null!;

    [SetUp]
    public void CreateTree()
    {
        _tree = new CgroupTree();
        _client = new DockerClient(DockerEndpoint.Parse(null).Endpoint!, null, TimeProvider.System);
    }

    [TearDown]
    public void DisposeTree()
    {
        _client.Dispose();
        _tree.Dispose();
    }

    [Test]
    public async Task V2_with_the_systemd_driver()
    {
        string path = $"/system.slice/docker-{CgroupTree.Id}.scope";
        _tree.Mount("", "/", "cgroup2", "rw,nsdelegate,memory_recursiveprot");
        _tree.ProcessIn($"0::{path}");
        _tree.FilesV2(path);
        await ExpectFiguresAsync(5_000_000_000);
    }

    [Test]
    public async Task V2_with_the_cgroupfs_driver()
    {
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.ProcessIn($"0::/docker/{CgroupTree.Id}");
        _tree.FilesV2($"docker/{CgroupTree.Id}");
        await ExpectFiguresAsync(5_000_000_000);
    }

    [Test]
    public async Task V2_where_the_build_runs_an_init_in_a_cgroup_of_its_own()
    {
        string path = $"/system.slice/docker-{CgroupTree.Id}.scope";
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.ProcessIn($"0::{path}/init.scope");
        _tree.FilesV2(path);
        await ExpectFiguresAsync(5_000_000_000);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task V1(bool coMounted)
    {
        string path = $"/docker/{CgroupTree.Id}";
        _tree.MountsV1(coMounted);
        string[] cpu = coMounted ? [$"4:cpu,cpuacct:{path}"] : [$"4:cpu:{path}", $"3:cpuacct:{path}"];
        _tree.ProcessIn([.. cpu, $"9:name=systemd:{path}", $"8:pids:{path}", $"7:blkio:{path}", $"5:memory:{path}"]);
        _tree.FilesV1(path, coMounted);
        await ExpectFiguresAsync(5_000_000_123);
    }

    [Test]
    public async Task V1_where_only_the_io_scheduler_accounts_for_block_io()
    {
        string path = $"/docker/{CgroupTree.Id}";
        _tree.MountsV1(coMounted: true);
        _tree.ProcessIn($"4:cpu,cpuacct:{path}", $"8:pids:{path}", $"7:blkio:{path}", $"5:memory:{path}");
        _tree.FilesV1(path, coMounted: true);
        _tree.File($"blkio{path}/blkio.throttle.io_service_bytes_recursive", "Total 0\n");
        _tree.File($"blkio{path}/blkio.bfq.io_service_bytes_recursive", "8:0 Read 4097\n8:0 Write 8194\n8:0 Total 12291\nTotal 12291\n");
        await ExpectFiguresAsync(5_000_000_123);
    }

    [Test]
    public async Task Hybrid_with_an_empty_v2()
    {
        string path = $"/docker/{CgroupTree.Id}";
        _tree.MountsV1(coMounted: false);
        _tree.Mount("unified", "/", "cgroup2", "rw");
        _tree.ProcessIn($"3:cpuacct:{path}", $"8:pids:{path}", $"7:blkio:{path}", $"5:memory:{path}", "0::/");
        _tree.FilesV1(path, coMounted: false);
        await ExpectFiguresAsync(5_000_000_123);
    }

    [Test]
    public async Task Hybrid_with_some_controllers_on_v2()
    {
        string path = $"/docker/{CgroupTree.Id}";
        _tree.Mount("cpuacct", "/", "cgroup", "rw,cpuacct");
        _tree.Mount("unified", "/", "cgroup2", "rw");
        _tree.ProcessIn($"3:cpuacct:{path}", $"0::{path}");
        _tree.File($"cpuacct{path}/cpuacct.usage", "5000000123\n");
        _tree.FilesV2($"unified{path}");
        await ExpectFiguresAsync(5_000_000_123);
    }

    [Test]
    public async Task From_inside_a_container_that_sees_the_hosts_v2()
    {
        // Our own cgroup is the namespace's root, /system.slice/docker-OURS.scope; the host's tree is mounted two levels above it.
        _tree.Mount("", "/../..", "cgroup2", "rw");
        _tree.ProcessIn($"0::/../docker-{CgroupTree.Id}.scope");
        _tree.File("user.slice/cpu.stat", "usage_usec 1\n");
        _tree.FilesV2($"system.slice/docker-{CgroupTree.Id}.scope");
        await ExpectFiguresAsync(5_000_000_000);
    }

    [Test]
    public async Task From_inside_a_container_whose_mount_begins_at_the_parent()
    {
        _tree.Mount("", "/..", "cgroup2", "rw");
        _tree.ProcessIn($"0::/../{CgroupTree.Id}");
        _tree.FilesV2(CgroupTree.Id);
        await ExpectFiguresAsync(5_000_000_000);
    }

    [Test]
    public async Task Docker_in_docker_where_the_mount_begins_at_the_outer_container()
    {
        _tree.Mount("", "/docker/outer", "cgroup2", "rw");
        _tree.ProcessIn($"0::/docker/outer/docker/{CgroupTree.Id}");
        _tree.FilesV2($"docker/{CgroupTree.Id}");
        await ExpectFiguresAsync(5_000_000_000);
    }

    [Test]
    public void A_process_of_another_container_is_not_believed()
    {
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.ProcessIn($"0::/docker/{new string('a', 64)}");
        _tree.FilesV2($"docker/{new string('a', 64)}");
        ExpectApi("is not the container's");
    }

    [Test]
    public void A_process_that_cannot_be_seen_means_the_API() => ExpectApi("cannot be seen");

    [Test]
    public void A_cgroup_outside_our_mounts_means_the_API()
    {
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.ProcessIn($"0::/../docker-{CgroupTree.Id}.scope");
        ExpectApi("not visible below");
    }

    [TestCase("/../../etc/")]
    [TestCase("/docker/../../etc/")]
    public void A_path_that_climbs_does_not_leave_the_mount(string prefix)
    {
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.ProcessIn($"0::{prefix}{CgroupTree.Id}");
        using SamplerFactory factory = Factory();
        Assert.That(factory.Create(CgroupTree.Id, CgroupTree.Pid, "bridge").Sampler, Is.InstanceOf<StatsSampler>());
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void A_container_that_does_not_run_means_the_API(int pid)
    {
        using SamplerFactory factory = Factory();
        Assert.That(factory.Create(CgroupTree.Id, pid, "bridge").Reason, Does.Contain("no process"));
    }

    private SamplerFactory Factory() => new(_client, _tree.Paths, TimeProvider.System);

    private void ExpectApi(string reason)
    {
        using SamplerFactory factory = Factory();
        SamplerChoice choice = factory.Create(CgroupTree.Id, CgroupTree.Pid, "bridge");
        Assert.That(choice.Sampler.Source, Is.EqualTo(SampleSource.StatsApi));
        Assert.That(choice.Reason, Does.StartWith("statistics API: ").And.Contain(reason));
    }

    private async Task ExpectFiguresAsync(long cpu)
    {
        using SamplerFactory factory = Factory();
        SamplerChoice choice = factory.Create(CgroupTree.Id, CgroupTree.Pid, "bridge");
        using ISampler sampler = choice.Sampler;
        Assert.That(sampler.Source, Is.EqualTo(SampleSource.CgroupFiles), choice.Reason);
        SampleOutcome outcome = await sampler.SampleAsync(CancellationToken.None);
        Assert.That(outcome.TryGet(out ContainerSample? sample), Is.True, outcome.Reason);
        Assert.That(sample!.CpuUsageNanoseconds, Is.EqualTo(cpu));
        Assert.That(sample.MemoryUsageBytes, Is.EqualTo(104_857_600));
        Assert.That(sample.Pids, Is.EqualTo(17));
        Assert.That((sample.BlockInputBytes, sample.BlockOutputBytes), Is.EqualTo(((long?)4097, (long?)8194)));
        Assert.That((sample.NetworkReceiveBytes, sample.NetworkTransmitBytes), Is.EqualTo(((long?)1000, (long?)2000)));
    }
}
