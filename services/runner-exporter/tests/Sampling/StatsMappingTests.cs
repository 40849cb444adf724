using System.Text.Json;
using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

public sealed class StatsMappingTests
{
    [Test]
    public void An_answer_of_cgroup_v1()
    {
        ContainerSample sample = Map("""
            {"read":"2026-01-02T03:04:05.123456789Z","preread":"0001-01-01T00:00:00Z","pids_stats":{"current":3},
             "blkio_stats":{"io_service_bytes_recursive":[
               {"major":8,"minor":0,"op":"Read","value":100},{"major":8,"minor":0,"op":"Write","value":200},{"major":8,"minor":0,"op":"Sync","value":300},
               {"major":8,"minor":0,"op":"Total","value":300},{"major":8,"minor":16,"op":"Read","value":1}],"io_serviced_recursive":[]},
             "num_procs":0,"storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":123456789,"percpu_usage":[1,2],"usage_in_kernelmode":5},"system_cpu_usage":9,"online_cpus":2},
             "memory_stats":{"usage":1000,"max_usage":2000,"limit":4000},"name":"/x","id":"y",
             "networks":{"eth0":{"rx_bytes":10,"tx_bytes":20},"eth1":{"rx_bytes":1,"tx_bytes":2}}}
            """)!;
        Assert.That(sample.Source, Is.EqualTo(SampleSource.StatsApi));
        Assert.That(sample.CpuUsageNanoseconds, Is.EqualTo(123456789));
        Assert.That(sample.MemoryUsageBytes, Is.EqualTo(1000));
        Assert.That((sample.BlockInputBytes, sample.BlockOutputBytes), Is.EqualTo(((long?)101, (long?)200)));
        Assert.That((sample.NetworkReceiveBytes, sample.NetworkTransmitBytes), Is.EqualTo(((long?)11, (long?)22)));
        Assert.That(sample.Pids, Is.EqualTo(3));
        long expected = (new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) - DateTimeOffset.UnixEpoch).Ticks * 100 + 123_456_700;
        Assert.That(sample.ReadNanoseconds, Is.EqualTo(expected));
    }

    [Test]
    public void An_answer_of_cgroup_v2_and_one_shot()
    {
        ContainerSample sample = Map("""
            {"read":"2026-01-02T03:04:05+00:00","pids_stats":{"current":3,"limit":18446744073709551615},
             "blkio_stats":{"io_service_bytes_recursive":[{"major":8,"minor":0,"op":"read","value":5},{"major":8,"minor":0,"op":"write","value":6}]},
             "cpu_stats":{"cpu_usage":{"total_usage":7}},"memory_stats":{"usage":18446744073709551615,"stats":{"anon":1}}}
            """)!;
        Assert.That((sample.BlockInputBytes, sample.BlockOutputBytes), Is.EqualTo(((long?)5, (long?)6)));
        Assert.That(sample.MemoryUsageBytes, Is.EqualTo(long.MaxValue), "a number beyond our range is the largest, not a failure");
        Assert.That(sample.NetworkReceiveBytes, Is.Null);
    }

    [TestCase("total_inactive_file", "total_rss")]
    [TestCase("inactive_file", "anon")]
    public void Throttling_and_memory_in_detail_of_both_versions(string inactive, string anonymous)
    {
        ContainerSample sample = Map($$$"""
            {"read":"2026-01-02T03:04:05Z","pids_stats":{"limit":77},
             "cpu_stats":{"throttling_data":{"periods":40,"throttled_periods":30,"throttled_time":2500}},
             "memory_stats":{"usage":1000,"max_usage":2000,"failcnt":12,"stats":{"{{{inactive}}}":300,"{{{anonymous}}}":500 } } }
            """)!;
        Assert.That((sample.CpuPeriods, sample.ThrottledPeriods, sample.ThrottledNanoseconds), Is.EqualTo(((long?)40, (long?)30, (long?)2500)));
        Assert.That((sample.WorkingSetBytes, sample.AnonymousBytes, sample.PeakBytes), Is.EqualTo(((long?)700, (long?)500, (long?)2000)));
        Assert.That((sample.MemoryFailures, sample.PidsLimit), Is.EqualTo(((long?)12, (long?)77)));
        Assert.That(Map("""{"read":"2026-01-02T03:04:05Z","pids_stats":{"limit":18446744073709551615}}""")!.PidsLimit, Is.Null);
    }

    [Test]
    public void Absent_parts_are_null_but_block_operations_that_never_happened_are_zero()
    {
        ContainerSample sample = Map("""{"read":"2026-01-02T03:04:05Z","memory_stats":{},"cpu_stats":{},"pids_stats":{},"blkio_stats":{"io_service_bytes_recursive":null}}""")!;
        Assert.That(new[] { sample.CpuUsageNanoseconds, sample.MemoryUsageBytes, sample.Pids, sample.NetworkReceiveBytes }, Is.All.Null);
        Assert.That((sample.BlockInputBytes, sample.BlockOutputBytes), Is.EqualTo(((long?)0, (long?)0)));
    }

    [TestCase("host", null)]
    [TestCase("none", 0L)]
    [TestCase("bridge", null)]
    public void Absent_networks_are_zero_only_where_there_is_no_network(string mode, long? expected) =>
        Assert.That(Map("""{"read":"2026-01-02T03:04:05Z"}""", mode)!.NetworkReceiveBytes, Is.EqualTo(expected));

    [TestCase("""{"read":"0001-01-01T00:00:00Z","cpu_stats":{"cpu_usage":{"total_usage":0}}}""")]
    [TestCase("{}")]
    public void A_container_that_does_not_run_has_no_sample(string json) => Assert.That(Map(json), Is.Null);

    private static ContainerSample? Map(string json, string mode = "bridge") =>
        StatsMapping.ToSample(JsonSerializer.Deserialize(json, DockerStatsJson.Default.DockerStats)!, mode, DateTimeOffset.UnixEpoch);
}
