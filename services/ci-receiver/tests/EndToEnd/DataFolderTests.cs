using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>A data folder that is no longer as it was at the start, under the published program.</summary>
public sealed class DataFolderTests
{
    private const string Event = """{"id":"ID","name":"build","project":"p","status":"success"}""";

    [Test]
    public async Task A_folder_that_may_not_be_written_any_more_fails_the_snapshot_and_not_the_receiver()
    {
        using TempFolder folder = new();
        string data = folder.PathOf("data");
        // Not even root may do everything without these.
        await using ReceiverProcess receiver = await ReceiverProcess.StartThroughAsync(
            Requires.Program("setpriv", "util-linux"), ["--bounding-set=-dac_override,-dac_read_search"], "--data-dir", data, "--journal-max-bytes=4096");
        Assert.That((await SendAsync(receiver, 0)).Status, Is.EqualTo(200));
        UnixFileMode before = File.GetUnixFileMode(data);
        File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            for (int i = 1; i <= 200; i++) Assert.That((await SendAsync(receiver, i)).Status, Is.EqualTo(200));
            ScrapedText scrape = await receiver.ScrapeAsync();
            Assert.That(scrape.Value("receiver_snapshot_failures_total"), Is.Positive);
            Assert.That(scrape.Value("ci_build_total"), Is.EqualTo(201));
            Assert.That(receiver.Log, Has.Some.Contains("A snapshot could not be written"));
        }
        finally
        {
            File.SetUnixFileMode(data, before);
        }
    }

    [Test]
    public async Task After_a_stop_in_order_damage_at_the_very_end_is_refused_and_after_a_crash_the_log_tells_what_it_can_be()
    {
        using TempFolder folder = new();
        string data = folder.PathOf("data");
        await using (ReceiverProcess receiver = await ReceiverProcess.StartAsync(data))
        {
            await SendAsync(receiver, 1);
            receiver.Signal(Signals.Terminate);
            Assert.That(await receiver.WaitForExitAsync(), Is.Zero);
        }

        byte[] whole = Damage(data);
        (int exitCode, string output) = await ReceiverProcess.RunAsync("--data-dir", data, "--web.listen-address=127.0.0.1:0");
        Assert.That((exitCode, output.Contains("damaged at byte", StringComparison.Ordinal)), Is.EqualTo((1, true)), output);

        File.WriteAllBytes(JournalOf(data), whole);
        await using (ReceiverProcess receiver = await ReceiverProcess.StartAsync(data))
        {
            await SendAsync(receiver, 2);
            receiver.Signal(Signals.Kill);
            await receiver.WaitForExitAsync();
        }

        Damage(data);
        await using ReceiverProcess again = await ReceiverProcess.StartAsync(data);
        Assert.That(again.Log, Has.Some.Contains("damage of the last write would look the same"));
        Assert.That((await again.ScrapeAsync()).Value("ci_build_total"), Is.EqualTo(1));
    }

    private static Task<(int Status, string Body)> SendAsync(ReceiverProcess receiver, int id) =>
        receiver.PostAsync(Event.Replace("ID", $"{id}", StringComparison.Ordinal));

    private static string JournalOf(string data) => Directory.GetFiles(data, "*.journal").Single();

    // A bit of the last event; gives the file as it was.
    private static byte[] Damage(string data)
    {
        byte[] bytes = File.ReadAllBytes(JournalOf(data));
        byte[] changed = [.. bytes];
        changed[changed.AsSpan().LastIndexOf("success"u8)] ^= 1;
        File.WriteAllBytes(JournalOf(data), changed);
        return bytes;
    }
}
