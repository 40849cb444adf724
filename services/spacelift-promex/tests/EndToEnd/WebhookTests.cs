using System.Security.Cryptography;
using System.Text;
using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>Run events that Spacelift sends.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class WebhookTests
{
    private const string Secret = "webhook-s3cret";

    [Test]
    public async Task Signed_events_are_counted_once_by_type_and_state()
    {
        using TempFolder folder = new();
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--webhook-secret-file", folder.Write("secret", Secret + "\n"));
        byte[] planning = Event("PLANNING", 2, 1_700_000_030);
        byte[] finished = Event("FINISHED", 5, 1_700_000_095);
        Assert.That(await exporter.PostAsync("/webhook", planning, Sign(planning)), Is.EqualTo(204));
        Assert.That(await exporter.PostAsync("/webhook", finished, Sign(finished)), Is.EqualTo(204));
        Assert.That(await exporter.PostAsync("/webhook", finished, Sign(finished)), Is.EqualTo(204), "delivered again");
        byte[] about = Encoding.UTF8.GetBytes("""{"account":"a","type":"something"}""");
        Assert.That(await exporter.PostAsync("/webhook", about, Sign(about)), Is.EqualTo(204));

        ScrapedText scraped = await exporter.ScrapeAsync();
        Assert.That(scraped.Value("spacelift_webhook_run_states_total", ("type", "TRACKED"), ("state", "FINISHED")), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_webhook_run_states_total", ("type", "TRACKED"), ("state", "PLANNING")), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_webhook_run_duration_seconds_sum", ("type", "TRACKED")), Is.EqualTo(95));
        Assert.That(scraped.Value("spacelift_webhook_run_duration_seconds_count", ("type", "TRACKED")), Is.EqualTo(1));
        foreach ((string result, int count) in ((string, int)[])[("counted", 2), ("duplicate", 1), ("ignored", 1), ("unsigned", 0)])
            Assert.That(scraped.Value("spacelift_webhook_requests_total", ("result", result)), Is.EqualTo(count), result);
        Assert.That(exporter.Log + scraped.Text, Does.Not.Contain(Secret));
    }

    [Test]
    public async Task What_is_not_signed_or_no_event_or_too_large_is_refused()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--webhook-secret", Secret);
        byte[] body = Event("FINISHED", 5, 1_700_000_095);
        string right = Sign(body);
        foreach (string? signature in (string?[])[null, "sha256=", "sha256=zz", right["sha256=".Length..], right[..^1], right[..^1] + (right[^1] == '0' ? '1' : '0'), "sha1=" + right["sha256=".Length..]])
            Assert.That(await exporter.PostAsync("/webhook", body, signature), Is.EqualTo(401), signature);
        Assert.That(await exporter.PostAsync("/webhook", [.. body, (byte)' '], right), Is.EqualTo(401), "another body");
        byte[] text = Encoding.UTF8.GetBytes("no JSON");
        Assert.That(await exporter.PostAsync("/webhook", text, Sign(text)), Is.EqualTo(400));
        Assert.That(await exporter.PostAsync("/webhook", new byte[(1 << 20) + 1], right), Is.EqualTo(413));
        Assert.That((await exporter.GetAsync("/webhook")).Status, Is.EqualTo(405));
        Assert.That((await exporter.ScrapeAsync()).All("spacelift_webhook_run_states_total"), Is.Empty);
    }

    [Test]
    public async Task A_secret_file_that_is_gone_is_told_once_and_its_last_secret_holds()
    {
        using TempFolder folder = new();
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        string file = folder.Write("secret", Secret);
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--webhook-secret-file", file);
        byte[] body = Event("FINISHED", 5, 1_700_000_095);
        for (int round = 1; round <= 2; round++)
        {
            File.Delete(file);
            for (int i = 0; i < 5; i++) Assert.That(await exporter.PostAsync("/webhook", body, Sign(body)), Is.EqualTo(204));
            await exporter.WaitForAsync("webhooks' secret cannot be used");
            Assert.That(exporter.Log.Split('\n').Count(line => line.Contains("webhooks' secret cannot be used", StringComparison.Ordinal)), Is.EqualTo(round));
            await File.WriteAllTextAsync(file, Secret);
            Assert.That(await exporter.PostAsync("/webhook", body, Sign(body)), Is.EqualTo(204));
        }
    }

    [Test]
    public async Task A_body_that_does_not_come_gives_its_place_back()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--webhook-secret", Secret);
        string[] target = exporter.Target.Split(':');
        using System.Net.Sockets.TcpClient client = new(target[0], int.Parse(target[1], System.Globalization.CultureInfo.InvariantCulture));
        await using System.Net.Sockets.NetworkStream stream = client.GetStream();
        await stream.WriteAsync("POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"u8.ToArray());
        // Faster than what the web server itself takes for a stalled sender.
        Task sending = SendSlowlyAsync(stream);
        byte[] answer = new byte[12];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(Encoding.ASCII.GetString(answer), Is.EqualTo("HTTP/1.1 408"));
        Assert.That((await exporter.ScrapeAsync()).Value("spacelift_webhook_requests_total", ("result", "slow")), Is.EqualTo(1));
        client.Close();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        static async Task SendSlowlyAsync(System.Net.Sockets.NetworkStream stream)
        {
            byte[] some = new byte[2000];
            while (true)
            {
                await stream.WriteAsync(some);
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    [Test]
    public async Task Without_a_secret_there_is_no_such_path()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        Assert.That(await exporter.PostAsync("/webhook", [], "sha256=00"), Is.EqualTo(404));
    }

    private static byte[] Event(string state, int version, long timestamp) => Encoding.UTF8.GetBytes(
        $$$"""{"account":"a","state":"{{{state}}}","stateVersion":{{{version}}},"timestamp":{{{timestamp}}},"run":{"id":"01RUN","type":"TRACKED","createdAt":1700000000,"delta":null},"stack":{"id":"s"},"more":{"unknown":1}}""");

    private static string Sign(byte[] body) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body));
}
