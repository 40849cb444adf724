using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Services;

public sealed class SpaceliftImage() : ImageTests("spacelift-promex")
{
    [Test]
    public async Task It_serves_without_arguments()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        int port = FreePort.Next();
        RunningImage exporter = await RunningImage.StartAsync(
            Image, port,
            ["-e", $"SPACELIFT_PROMEX_API_ENDPOINT={api.Url}", "-e", "SPACELIFT_PROMEX_API_KEY_ID=k", "-e", $"SPACELIFT_PROMEX_API_KEY_SECRET={api.Secret}",
             "-e", $"SPACELIFT_PROMEX_LISTEN_ADDRESS=127.0.0.1:{port}"]);
        await exporter.ShowsAsync(scraped => scraped.Value("spacelift_up") == 1, "the account from inside the image");
        await exporter.MeasureAsync();
        await exporter.StopAsync();
    }
}
