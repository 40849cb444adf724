using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

public sealed class ContainerSampleTests
{
    [Test]
    public void Cores_are_cpu_time_over_real_time() =>
        Assert.That(ContainerSample.CpuCores(At(1_000_000_000, 500), At(3_000_000_000, 3_000_000_500)), Is.EqualTo(1.5));

    [Test]
    public void An_idle_container_uses_zero_cores() => Assert.That(ContainerSample.CpuCores(At(1, 500), At(2, 500)), Is.Zero);

    [Test]
    public void One_sample_is_not_enough() => Assert.That(ContainerSample.CpuCores(null, At(1, 1)), Is.Null);

    [Test]
    public void A_counter_that_went_back_says_nothing() => Assert.That(ContainerSample.CpuCores(At(1, 500), At(2, 499)), Is.Null);

    [TestCase(5L)]
    [TestCase(4L)]
    public void A_clock_that_did_not_go_on_says_nothing(long later) => Assert.That(ContainerSample.CpuCores(At(5, 1), At(later, 2)), Is.Null);

    [Test]
    public void Clocks_of_two_sources_are_not_compared() =>
        Assert.That(ContainerSample.CpuCores(At(1, 1), At(2, 2) with { Source = SampleSource.StatsApi }), Is.Null);

    [Test]
    public void An_absent_figure_says_nothing()
    {
        Assert.That(ContainerSample.CpuCores(At(1, null), At(2, 2)), Is.Null);
        Assert.That(ContainerSample.CpuCores(At(1, 1), At(2, null)), Is.Null);
    }

    private static ContainerSample At(long read, long? cpu) => new()
    {
        Source = SampleSource.CgroupFiles,
        Time = DateTimeOffset.UnixEpoch,
        ReadNanoseconds = read,
        CpuUsageNanoseconds = cpu,
    };
}
