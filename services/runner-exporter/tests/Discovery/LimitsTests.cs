using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Discovery;

namespace CiMetrics.RunnerExporter.Tests.Discovery;

public sealed class LimitsTests
{
    private const long GiB = 1L << 30;

    // nano cpus, quota, period, cpuset, host CPUs, expected
    [TestCase(null, null, null, null, 8, 8.0, TestName = "Without any setting the host's CPUs are the limit")]
    [TestCase(0L, 0L, 0L, "", 8, 8.0, TestName = "Zeros and an empty cpuset are no limit")]
    [TestCase(0L, -1L, 0L, "", 8, 8.0, TestName = "A quota of minus one is no limit")]
    [TestCase(500_000_000L, 0L, 0L, "", 8, 0.5, TestName = "Nano CPUs are billionths of a core")]
    [TestCase(1_500_000_000L, 400_000L, 100_000L, "", 8, 1.5, TestName = "Nano CPUs go before a quota")]
    [TestCase(0L, 400_000L, 0L, "", 8, 4.0, TestName = "A quota without a period is of 100,000 microseconds")]
    [TestCase(0L, 50_000L, 200_000L, "", 8, 0.25, TestName = "A quota is divided by its period")]
    [TestCase(0L, 400_000L, 0L, "0-1", 8, 2.0, TestName = "A cpuset caps a quota")]
    [TestCase(0L, 0L, 0L, "1,3,5", 8, 3.0, TestName = "A cpuset alone is a limit")]
    [TestCase(0L, 400_000L, 0L, "", 2, 2.0, TestName = "The host's CPUs cap a quota")]
    [TestCase(16_000_000_000L, 0L, 0L, "0-15", 4, 4.0, TestName = "The host's CPUs cap nano CPUs and cpuset")]
    [TestCase(0L, 400_000L, 0L, "nonsense", 8, 4.0, TestName = "A cpuset that is no list is ignored")]
    [TestCase(0L, 400_000L, 0L, "", null, 4.0, TestName = "An unknown host does not cap")]
    [TestCase(0L, 0L, 0L, "", null, null, TestName = "Nothing known is null")]
    public void Cpu_limit(long? nano, long? quota, long? period, string? cpuset, int? hostCpus, double? expected)
    {
        DockerHostConfig config = new() { NanoCpus = nano, CpuQuota = quota, CpuPeriod = period, CpusetCpus = cpuset };
        Assert.That(Limits.CpuCores(config, hostCpus), Is.EqualTo(expected));
    }

    [TestCase(0L, 8 * GiB, 8 * GiB, TestName = "No memory limit is the host's memory")]
    [TestCase(null, 8 * GiB, 8 * GiB, TestName = "An absent memory limit is the host's memory")]
    [TestCase(2 * GiB, 8 * GiB, 2 * GiB, TestName = "A memory limit is taken")]
    [TestCase(16 * GiB, 8 * GiB, 8 * GiB, TestName = "A memory limit above the host's memory is the host's")]
    [TestCase(2 * GiB, null, 2 * GiB, TestName = "A memory limit of an unknown host is taken")]
    [TestCase(0L, null, null, TestName = "Neither limit nor host is null")]
    [TestCase(0L, 0L, null, TestName = "A host without memory is not known")]
    public void Memory_limit(long? limit, long? host, long? expected) =>
        Assert.That(Limits.MemoryBytes(new DockerHostConfig { Memory = limit }, host), Is.EqualTo(expected));

    [TestCase(null, null)]
    [TestCase(0L, null)]
    [TestCase(-1L, null)]
    [TestCase(100L, 100L)]
    public void Pids_limit(long? setting, long? expected) =>
        Assert.That(Limits.Pids(new DockerHostConfig { PidsLimit = setting }), Is.EqualTo(expected));

    [Test]
    public void A_container_without_host_config_has_its_hosts_limits()
    {
        Assert.That(Limits.CpuCores(null, 4), Is.EqualTo(4));
        Assert.That(Limits.MemoryBytes(null, GiB), Is.EqualTo(GiB));
        Assert.That(Limits.Pids(null), Is.Null);
    }

    [TestCase("0", 1)]
    [TestCase("0-3", 4)]
    [TestCase("0-3,7", 5)]
    [TestCase("0,0,0-1", 2)]
    [TestCase(" 1 , 3 - 4 ", 3)]
    [TestCase("0-8191", 8192)]
    public void A_cpu_list_is_counted(string list, int expected) => Assert.That(CpuSet.Count(list), Is.EqualTo(expected));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("  ")]
    [TestCase("a")]
    [TestCase("3-1")]
    [TestCase("1-2-3")]
    [TestCase("0,")]
    [TestCase("-1")]
    [TestCase("0-2000000000")]
    public void What_is_no_cpu_list_is_not_counted(string? list) => Assert.That(CpuSet.Count(list), Is.Null);
}
