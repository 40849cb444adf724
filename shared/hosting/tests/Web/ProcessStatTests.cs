using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

public sealed class ProcessStatTests
{
    [Test]
    public void Reads_a_line_whose_name_holds_spaces_and_parentheses()
    {
        var stat = ProcessStat.Parse(
            "4242 (my (odd) name) S 1 4242 4242 0 -1 4194560 9000 0 12 0 150 50 0 0 20 0 13 0 123400 274877906944 15000 18446744073709551615 1 1 0 0 0 0 0 4096 17642 0 0 0 17 1 0 0 0 0 0\n");
        Assert.That(stat, Is.EqualTo(new ProcessStat("my (odd) name", 'S', 1, 2.0, 13, 1234, 274877906944, 15000)));
    }

    [TestCase("")]
    [TestCase("1 (x")]
    [TestCase("1 (x) S 1 2 3")]
    [TestCase("1 (x) S a b c d e f g h i j k l m n o p q r s t u v w")]
    public void Anything_else_is_no_line(string text) => Assert.That(ProcessStat.Parse(text), Is.Null);

    [Test]
    public void Reads_boot_time_and_file_limit()
    {
        Assert.That(ProcessStat.BootTime("cpu  1 2 3\nbtime 1700000000\nprocesses 1\n"), Is.EqualTo(1700000000));
        Assert.That(ProcessStat.BootTime("cpu 1\n"), Is.Null);
        Assert.That(ProcessStat.FileLimit("Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n"), Is.EqualTo(1024));
        Assert.That(ProcessStat.FileLimit("Max open files            unlimited            unlimited            files\n"), Is.EqualTo(double.PositiveInfinity));
        Assert.That(ProcessStat.FileLimit(""), Is.Null);
    }

    [Test]
    public void Counts_the_entries_of_a_directory()
    {
        using var folder = new TempFolder();
        Assert.That(DirectoryCount.Of(folder.Path), Is.Zero);
        for (var i = 0; i < 300; i++)
            folder.Write("file-" + i, "");
        Assert.That(DirectoryCount.Of(folder.Path), Is.EqualTo(300));
        Assert.That(() => DirectoryCount.Of(folder.PathOf("nothing")), Throws.InstanceOf<IOException>().With.Message.Contains("No such file"));
    }
}
