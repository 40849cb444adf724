using System.Text;
using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

public sealed class KernelTextTests
{
    [TestCase("0\n", 0L)]
    [TestCase("123456789\n", 123456789L)]
    [TestCase("42", 42L)]
    [TestCase("9223372036854775807\n", long.MaxValue)]
    [TestCase("18446744073709551615\n", long.MaxValue)]
    public void A_number_is_read(string text, long expected) => Assert.That(KernelText.Number(Bytes(text)), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("max\n")]
    [TestCase("12a\n")]
    [TestCase("1 2\n")]
    [TestCase("-5\n")]
    public void What_is_no_number_is_null(string text) => Assert.That(KernelText.Number(Bytes(text)), Is.Null);

    [Test]
    public void Cpu_stat_of_v2_is_in_microseconds()
    {
        const string text = "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\nnr_periods 10\nnr_throttled 2\nthrottled_usec 55\n";
        Assert.That(CgroupFiles.CpuStat(Bytes(text)), Is.EqualTo(1_234_567_000));
    }

    [TestCase("")]
    [TestCase("user_usec 1\n")]
    [TestCase("usage_usec \n")]
    [TestCase("usage_usec x\n")]
    [TestCase("xusage_usec 1\n")]
    public void Cpu_stat_without_usage_is_null(string text) => Assert.That(CgroupFiles.CpuStat(Bytes(text)), Is.Null);

    [Test]
    public void Cpu_stat_beyond_all_bounds_is_the_largest_number() =>
        Assert.That(CgroupFiles.CpuStat(Bytes("usage_usec 18446744073709551615\n")), Is.EqualTo(long.MaxValue / 1000 * 1000));

    [Test]
    public void Blkio_of_v1_sums_reads_and_writes_over_devices_and_leaves_totals_out()
    {
        const string text = """
            8:0 Read 4096
            8:0 Write 8192
            8:0 Sync 12288
            8:0 Async 0
            8:0 Discard 512
            8:0 Total 12800
            259:3 Read 1
            259:3 Write 2
            259:3 Sync 3
            259:3 Async 0
            259:3 Discard 0
            259:3 Total 3
            Total 12803

            """;
        Assert.That(CgroupFiles.BlkioServiceBytes(Bytes(text)), Is.EqualTo(new BlockBytes(4097, 8194)));
    }

    [TestCase("")]
    [TestCase("Total 0\n")]
    [TestCase("8:0 Read\n8:0\n\n \n")]
    public void Blkio_without_devices_is_zero(string text) => Assert.That(CgroupFiles.BlkioServiceBytes(Bytes(text)), Is.EqualTo(new BlockBytes(0, 0)));

    [Test]
    public void Io_stat_of_v2_sums_over_devices_in_any_order_of_keys()
    {
        const string text = """
            259:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=99 dios=1
            8:16 wios=1 wbytes=10 rbytes=5
            7:0 
            """;
        Assert.That(CgroupFiles.IoStat(Bytes(text)), Is.EqualTo(new BlockBytes(4101, 8202)));
    }

    [Test]
    public void Io_stat_is_empty_before_the_first_operation() => Assert.That(CgroupFiles.IoStat(""u8), Is.EqualTo(new BlockBytes(0, 0)));

    [Test]
    public void Net_dev_sums_all_interfaces_but_the_loopback()
    {
        const string text = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:     700       7    0    0    0     0          0         0      700       7    0    0    0     0       0          0
              eth0: 1048576    1000    0    0    0     0          0         0  2097152    1200    0    0    0     0       0          0
              eth1:10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0
            """;
        Assert.That(CgroupFiles.NetDev(Bytes(text)), Is.EqualTo(new NetworkBytes(1_048_586, 2_097_172)));
    }

    [Test]
    public void Net_dev_with_only_the_loopback_is_zero_and_without_a_header_nothing()
    {
        Assert.That(CgroupFiles.NetDev("Inter-| x\n face |y\n    lo: 1 2 3 4 5 6 7 8 9 10\n"u8), Is.EqualTo(new NetworkBytes(0, 0)));
        Assert.That(CgroupFiles.NetDev(""u8), Is.Null);
        Assert.That(CgroupFiles.NetDev("eth0: 1"u8), Is.Null);
    }

    [Test]
    public void Random_bytes_never_raise([Random(0, int.MaxValue, 20)] int seed)
    {
        Random random = new(seed);
        const string alphabet = "0123456789 \n\t:=abrwTotalReadWriteusage_usecrbytes=Inter-";
        for (int round = 0; round < 500; round++)
        {
            byte[] text = Bytes(new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => alphabet[random.Next(alphabet.Length)])]));
            Assert.That(
                () =>
                {
                    KernelText.Number(text);
                    CgroupFiles.CpuStat(text);
                    CgroupFiles.BlkioServiceBytes(text);
                    CgroupFiles.IoStat(text);
                    CgroupFiles.NetDev(text);
                },
                Throws.Nothing);
        }
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
