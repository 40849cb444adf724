using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>More keys than are remembered, through the published program.</summary>
public sealed class DedupLimitTests
{
    [Test]
    public async Task At_the_limit_the_oldest_key_goes_and_the_horizon_says_so_also_after_a_restart()
    {
        using TempFolder folder = new();
        string[] arguments = ["--dedup-max-keys=2", "--dedup-retention=1h"];
        await using (ReceiverProcess receiver = await ReceiverProcess.StartAsync(folder.PathOf("data"), arguments))
        {
            Assert.That(await SendAsync(receiver, "1"), Does.Contain("\"counted\""));
            Assert.That(await SendAsync(receiver, "2"), Does.Contain("\"counted\""));
            Assert.That(await HorizonAsync(receiver), Is.EqualTo(3600));
            Assert.That(await SendAsync(receiver, "3"), Does.Contain("\"counted\""));
            Assert.That(await HorizonAsync(receiver), Is.LessThan(60), "a repetition of the first would not be recognised");
            Assert.That(await SendAsync(receiver, "2"), Does.Contain("\"duplicate\""));
        }

        await using ReceiverProcess again = await ReceiverProcess.StartAsync(folder.PathOf("data"), arguments);
        Assert.That(await HorizonAsync(again), Is.LessThan(120));
        Assert.That((await again.ScrapeAsync()).Value("receiver_dedup_keys"), Is.EqualTo(2));
        Assert.That(await SendAsync(again, "3"), Does.Contain("\"duplicate\""));
        Assert.That(await SendAsync(again, "1"), Does.Contain("\"counted\""));
    }

    private static async Task<double?> HorizonAsync(ReceiverProcess receiver) => (await receiver.ScrapeAsync()).Value("receiver_dedup_horizon_seconds");

    private static async Task<string> SendAsync(ReceiverProcess receiver, string id) =>
        (await receiver.GetAsync($"/steps?id={id}&name=build&project=p&status=success&started=2026-01-02T03:04:05Z&finished=2026-01-02T03:04:06Z")).Body;
}
