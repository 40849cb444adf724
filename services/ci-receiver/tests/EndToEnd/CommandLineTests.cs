using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

public sealed class CommandLineTests
{
    [Test]
    public async Task The_help_text_is_the_golden_one()
    {
        (int exitCode, string output) = await ReceiverProcess.RunAsync("--help");
        Assert.That(exitCode, Is.Zero);
        Golden.Check(output + "\n", "help.golden");
    }

    [TestCase("--buckets=1,x", "must be numbers of seconds in rising order")]
    [TestCase("--buckets=2,1", "must be numbers of seconds in rising order")]
    [TestCase("--max-names=0", "must be a whole number from 1")]
    [TestCase("--dedup-retention=1s", "must be at least")]
    [TestCase("--created-timestamps", "needs --web.enable-openmetrics")]
    [TestCase("--token-file=/none", "must name a readable file")]
    [TestCase("--catalog=/none", "must name a readable file")]
    public async Task A_mistake_is_named_and_the_exit_code_is_2(string flag, string rule)
    {
        (int exitCode, string output) = await ReceiverProcess.RunAsync(flag);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Does.Contain(rule));
    }

    [Test]
    public async Task A_folder_that_another_receiver_has_is_refused()
    {
        using TempFolder folder = new();
        await using ReceiverProcess receiver = await ReceiverProcess.StartAsync(folder.PathOf("data"));
        (int exitCode, string output) = await ReceiverProcess.RunAsync("--data-dir", folder.PathOf("data"), "--web.listen-address=127.0.0.1:0");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain($"in use by process {receiver.Pid}"));
    }

    [Test]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        (int exitCode, string output) = await ReceiverProcess.RunAsync("--data-dir", "/proc/none", "--web.listen-address=127.0.0.1:0");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("/proc/none").And.Contain("--data-dir"));
    }
}
