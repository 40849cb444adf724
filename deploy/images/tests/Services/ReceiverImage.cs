using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Services;

public sealed class ReceiverImage() : ImageTests("ci-receiver")
{
    [Test]
    public async Task It_keeps_its_ledger_in_a_volume()
    {
        int port = FreePort.Next();
        foreach (int run in (int[])[1, 2])
        {
            RunningImage receiver = await RunningImage.StartAsync(Image, port, ["-v", "ledger:/data", "-e", $"RECEIVER__WEB_LISTEN_ADDRESS=127.0.0.1:{port}"]);
            string answer = await receiver.GetAsync("/steps?name=build&project=p&status=success&started=");
            Assert.That(answer, Does.Contain("\"counted\""));
            Assert.That((await receiver.ScrapeAsync()).Value("ci_build_total"), Is.EqualTo(run), "the volume outlives the container");
            await receiver.MeasureAsync();
            await receiver.StopAsync();
        }
    }
}
