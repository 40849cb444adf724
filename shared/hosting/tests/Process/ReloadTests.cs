using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class ReloadTests
{
    private const string Successful = "exporter_config_last_reload_successful{config=\"web\"}";
    private const string SuccessTime = "exporter_config_last_reload_success_timestamp_seconds{config=\"web\"}";

    // $2y$04$: the password swordfish.
    private const string Bob = "basic_auth_users:\n  bob: $2y$04$abcdefghijklmnopqrstuugIEnm3ZbWF6xb2GcoE3L1CoGJFMKtu.\n";

    [Test]
    public async Task A_rotated_certificate_is_served_and_no_scrape_fails_meanwhile()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls);
        var first = (await sample.HandshakeAsync())!.Value.Serial;
        using var stop = new CancellationTokenSource();
        using var kept = sample.Client();
        // One scraper keeps its connection, the other makes a new one every time.
        var scrapers = new[] { ScrapeAsync(kept), Task.Run(async () => { using var client = sample.Client(lifetime: TimeSpan.Zero); return await ScrapeAsync(client); }) };

        var serials = new HashSet<string>(StringComparer.Ordinal) { first };
        for (var round = 0; round < 3; round++)
        {
            var next = sample.Authority.Issue("server.test");
            // Certificate and key apart, as careless tools do.
            sample.Replace("server.pem", next.Pem);
            await Task.Delay(300);
            sample.Replace("server.key", next.Key);
            var serial = next.ToCertificate().SerialNumber;
            await Eventually.TrueAsync(async () => (await sample.HandshakeAsync())?.Serial == serial, "the new certificate");
            serials.Add(serial);
        }
        await stop.CancelAsync();
        var scrapes = await Task.WhenAll(scrapers);
        Assert.That(serials, Has.Count.EqualTo(4));
        Assert.That(scrapes, Has.All.GreaterThan(10));
        Assert.That(sample.Log, Does.Contain("msg=\"Configuration reloaded\" config=web").And.Not.Contain("level=error").And.Not.Contain("PRIVATE"));

        async Task<int> ScrapeAsync(HttpClient client)
        {
            var count = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.That(await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), Does.Contain("sample_workers{"));
                count++;
                await Task.Delay(20);
            }
            return count;
        }
    }

    [Test]
    public async Task A_swapped_symbolic_link_is_noticed()
    {
        // As Kubernetes mounts a Secret: names point into ..data, which points into a folder of one version.
        await using var sample = await TlsSample.StartAsync(
            "tls_server_config:\n  cert_file: secret/tls.crt\n  key_file: secret/tls.key\n",
            sample =>
            {
                WriteVersion(sample, "v1");
                File.CreateSymbolicLink(sample.Folder.PathOf("secret", "..data"), "v1");
                File.CreateSymbolicLink(sample.Folder.PathOf("secret", "tls.crt"), "..data/tls.crt");
                File.CreateSymbolicLink(sample.Folder.PathOf("secret", "tls.key"), "..data/tls.key");
            });
        var next = WriteVersion(sample, "v2");
        File.CreateSymbolicLink(sample.Folder.PathOf("secret", "..data_tmp"), "v2");
        // File.Move follows links to folders.
        var (moved, _) = await ServiceProcess.RunAsync("/bin/mv", ["-T", sample.Folder.PathOf("secret", "..data_tmp"), sample.Folder.PathOf("secret", "..data")]);
        Assert.That(moved, Is.Zero);
        await Eventually.TrueAsync(async () => (await sample.HandshakeAsync())?.Serial == next.ToCertificate().SerialNumber, "the new certificate");

        static TestCertificate WriteVersion(TlsSample sample, string version)
        {
            var certificate = sample.Authority.Issue("server.test");
            sample.Folder.Write($"secret/{version}/tls.crt", certificate.Pem);
            sample.Folder.Write($"secret/{version}/tls.key", certificate.Key);
            return certificate;
        }
    }

    [TestCase("signal")]
    [TestCase("request")]
    [TestCase("notice")]
    public async Task A_bad_file_is_kept_out_and_the_old_one_stays_in_force(string how)
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + TlsSample.Ada);
        using var ada = WithUser(sample.Client(), "ada", "hunter2");
        using var bob = WithUser(sample.Client(), "bob", "swordfish");
        var start = await TlsTests.ValueAsync(ada, SuccessTime);
        Assert.That(await TlsTests.ValueAsync(ada, Successful), Is.EqualTo(1));

        sample.Replace("web.yml", TlsSample.Tls + "basic_auth_users:\n  ada: swordfish\n");
        await AskAsync(HttpStatusCode.InternalServerError, "failed to reload the configuration:\n" + sample.ConfigFile + ":5:8: basic_auth_users.ada: must be a bcrypt hash");
        await Eventually.TrueAsync(async () => await TlsTests.ValueAsync(ada, Successful) == 0, "the bad reload in the metrics");
        Assert.That(await TlsTests.ValueAsync(ada, SuccessTime), Is.EqualTo(start));
        Assert.That(await StatusAsync(bob), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(sample.Log, Does.Contain("level=error msg=\"A changed configuration is refused; the one before stays in force\" config=web mistake=\"" + sample.ConfigFile + ":5:8: "));

        sample.Replace("web.yml", TlsSample.Tls + Bob);
        await AskAsync(HttpStatusCode.OK, "Configuration reloaded\n");
        await Eventually.TrueAsync(async () => await StatusAsync(bob) == HttpStatusCode.OK, "the new users");
        // What was right before is not remembered for ever.
        Assert.That(await StatusAsync(ada), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await TlsTests.ValueAsync(bob, Successful), Is.EqualTo(1));
        Assert.That(await TlsTests.ValueAsync(bob, SuccessTime), Is.GreaterThan(start));
        Assert.That(sample.Log, Does.Not.Contain("swordfish").And.Not.Contain("hunter2").And.Not.Contain("$2y$04").And.Not.Contain("PRIVATE"));

        async Task AskAsync(HttpStatusCode status, string text)
        {
            if (how == "signal")
                sample.Process.Signal(Signals.HangUp);
            if (how != "request")
                return;
            using var response = await ada.PostAsync(new Uri("/-/reload", UriKind.Relative), null);
            Assert.That(response.StatusCode, Is.EqualTo(status));
            Assert.That(await response.Content.ReadAsStringAsync(), Does.StartWith(text));
        }
    }

    [TestCase(TlsSample.Tls, "rate_limit: { interval: 1s, burst: 100 }\n", "must keep tls_server_config: TLS cannot be turned off without a restart")]
    [TestCase("rate_limit: { interval: 1s, burst: 100 }\n", TlsSample.Tls, "must not begin to have tls_server_config: TLS cannot be turned on without a restart")]
    public async Task TLS_is_turned_on_and_off_by_a_restart_only(string before, string after, string message)
    {
        await using var sample = await TlsSample.StartAsync(before);
        sample.Replace("web.yml", after);
        sample.Process.Signal(Signals.HangUp);
        await sample.Process.WaitForAsync(line => line.Contains(message, StringComparison.Ordinal));
        var status = before == TlsSample.Tls ? await sample.StatusAsync(null) : (await sample.Running.SendAsync(HttpMethod.Get, "/metrics")).StatusCode;
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Clients_are_judged_by_the_rules_in_force_when_they_connect()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls);
        using var kept = sample.Client();
        Assert.That(await kept.GetStringAsync(new Uri("/metrics", UriKind.Relative)), Does.Contain("sample_workers{"));
        sample.Replace("web.yml", TlsSample.Tls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\nhttp_server_config: { headers: { X-Frame-Options: deny } }\n");
        sample.Process.Signal(Signals.HangUp);
        await Eventually.TrueAsync(async () => await sample.StatusAsync(null) is null, "clients without a certificate to be refused");
        Assert.That(await sample.StatusAsync(sample.Authority.Issue("client", forClients: true)), Is.EqualTo(HttpStatusCode.OK));
        // The connection of before lives on, under what is new in HTTP.
        using var response = await kept.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.That(response.Headers.GetValues("X-Frame-Options"), Is.EqualTo(new[] { "deny" }));
    }

    [Test]
    public async Task Reloading_is_for_those_who_are_let_in_by_POST_or_PUT_and_where_there_is_a_file()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Ada);
        using (var refused = await sample.Running.SendAsync(HttpMethod.Post, "/-/reload"))
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        sample.Running.Client.DefaultRequestHeaders.Authorization = Basic("ada", "hunter2");
        foreach (var (method, status) in new[] { (HttpMethod.Get, HttpStatusCode.MethodNotAllowed), (HttpMethod.Post, HttpStatusCode.OK), (HttpMethod.Put, HttpStatusCode.OK) })
        {
            using var response = await sample.Running.SendAsync(method, "/-/reload");
            Assert.That(response.StatusCode, Is.EqualTo(status));
        }
        await using var bare = await Sample.StartAsync();
        using var nothing = await bare.SendAsync(HttpMethod.Post, "/-/reload");
        Assert.That(nothing.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        // Who rotates logs or reloads out of habit must not end it.
        bare.Process.Signal(Signals.HangUp);
        await bare.Process.WaitForAsync(line => line.Contains("Nothing to read again", StringComparison.Ordinal));
        Assert.That(await bare.Client.GetStringAsync(new Uri("/-/healthy", UriKind.Relative)), Is.EqualTo("OK\n"));
    }

    [Test]
    public async Task Secrets_in_files_are_read_again()
    {
        using var folder = new TempFolder();
        var token = folder.Write("token", "first-t0ken\n");
        var password = folder.Write("password", "first-passw0rd\n");
        await using var sample = await Sample.StartAsync("--web.bearer-token-file", token, "--user", "ada", "--pass-file", password);
        folder.Write("token", "second-t0ken\n");
        folder.Write("password", "second-passw0rd\n");
        await Eventually.TrueAsync(async () => await StatusAsync(new("Bearer", "second-t0ken")) == HttpStatusCode.OK, "the new token");
        Assert.That(await StatusAsync(new("Bearer", "first-t0ken")), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(Basic("ada", "second-passw0rd")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(Basic("ada", "first-passw0rd")), Is.EqualTo(HttpStatusCode.Unauthorized));

        // All of them or none: a new password does not come with a token that is gone.
        File.Delete(token);
        folder.Write("password", "third-passw0rd\n");
        sample.Process.Signal(Signals.HangUp);
        await sample.Process.WaitForAsync(line => line.Contains("config=secrets mistake=\"flag --web.bearer-token-file: must name a readable file: there is no such file", StringComparison.Ordinal));
        Assert.That(await StatusAsync(new("Bearer", "second-t0ken")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(Basic("ada", "third-passw0rd")), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(Basic("ada", "second-passw0rd")), Is.EqualTo(HttpStatusCode.OK));
        sample.Client.DefaultRequestHeaders.Authorization = new("Bearer", "second-t0ken");
        Assert.That(await TlsTests.ValueAsync(sample.Client, "exporter_config_last_reload_successful{config=\"secrets\"}"), Is.Zero);
        Assert.That(string.Join('\n', sample.Process.Log), Does.Not.Contain("t0ken\"").And.Not.Contain("-t0ken").And.Not.Contain("passw0rd"));

        async Task<HttpStatusCode> StatusAsync(AuthenticationHeaderValue credentials)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Authorization = credentials } };
            using var response = await sample.Client.SendAsync(request);
            return response.StatusCode;
        }
    }

    private static HttpClient WithUser(HttpClient client, string user, string password)
    {
        client.DefaultRequestHeaders.Authorization = Basic(user, password);
        return client;
    }

    private static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":" + password)));

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri("/metrics", UriKind.Relative));
        return response.StatusCode;
    }
}
