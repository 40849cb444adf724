using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>Who may send and who may scrape are separate questions.</summary>
public sealed class AccessTests
{
    private const string Query = "/steps?status=success&name=a&started=&project=";

    [Test]
    public async Task Senders_need_a_token_of_the_file_for_their_project_and_scrapers_do_not()
    {
        using TempFolder folder = new();
        string file = folder.Write("tokens", "t0p-secret-all\nt0p-secret-shop shop\n");
        await using ReceiverProcess receiver = await ReceiverProcess.StartAsync(folder.PathOf("data"), "--token-file", file);
        (int status, string body) = await receiver.GetAsync(Query + "shop/web");
        Assert.That(status, Is.EqualTo(401));
        Assert.That(body, Does.Contain("Authorization must be given"));
        (status, body) = await receiver.GetAsync(Query + "shop/web", "wrong");
        Assert.That(status, Is.EqualTo(401));
        Assert.That(body, Does.Contain("what was given is not").And.Not.Contain("wrong"));
        Assert.That((await receiver.GetAsync(Query + "shop/web", "t0p-secret-shop")).Status, Is.EqualTo(200));
        (status, body) = await receiver.GetAsync(Query + "other", "t0p-secret-shop");
        Assert.That((status, body.Contains("\"field\":\"project\"", StringComparison.Ordinal)), Is.EqualTo((403, true)), body);
        Assert.That((await receiver.GetAsync(Query + "other", "t0p-secret-all")).Status, Is.EqualTo(200));
        Assert.That((await receiver.PostAsync("""[{"name":"a","project":"shop","status":"success"},{"name":"a","project":"x","status":"success"}]""", token: "t0p-secret-shop")).Status, Is.EqualTo(403));

        ScrapedText scrape = await receiver.ScrapeAsync();
        Assert.That(scrape.All("ci_a_total").Sum(sample => sample.Value), Is.EqualTo(2), "an array is counted as a whole or not at all");
        Assert.That(scrape.Value("receiver_requests_refused_total", ("code", "401")), Is.EqualTo(2));
        Assert.That(scrape.Value("receiver_requests_refused_total", ("code", "403")), Is.EqualTo(2));
        Assert.That(string.Join('\n', receiver.Log) + scrape.Text, Does.Not.Contain("t0p-secret"));

        // Rotated while it runs; a file that cannot be used changes nothing.
        File.WriteAllText(file, "a b c\n");
        await Eventually.TrueAsync(async () => (await receiver.ScrapeAsync()).Value("receiver_token_file_valid") == 0, "the bad file to be noticed");
        Assert.That((await receiver.GetAsync(Query + "other", "t0p-secret-all")).Status, Is.EqualTo(200));
        File.WriteAllText(file, "another-token\n");
        await Eventually.TrueAsync(async () => (await receiver.GetAsync(Query + "other", "another-token")).Status == 200, "the new token");
        Assert.That((await receiver.GetAsync(Query + "other", "t0p-secret-all")).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task A_scraper_s_token_guards_the_metrics_and_not_the_sending()
    {
        using TempFolder folder = new();
        await using ReceiverProcess receiver = await ReceiverProcess.StartAsync(folder.PathOf("data"), "--web.bearer-token=scrape-secret");
        Assert.That((await receiver.GetAsync("/metrics")).Status, Is.EqualTo(401));
        Assert.That((await receiver.GetAsync("/metrics", "scrape-secret")).Status, Is.EqualTo(200));
        Assert.That((await receiver.GetAsync(Query + "p")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Port_80_without_the_right_to_it_says_what_to_do()
    {
        using TempFolder folder = new();
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            Requires.Program("setpriv", "util-linux"),
            ["--bounding-set=-net_bind_service", Published.Binary("receiver"), "--data-dir", folder.PathOf("data")]);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("cannot listen on :80").And.Contain("CAP_NET_BIND_SERVICE").And.Contain("--web.listen-address=:8080"));
    }
}
