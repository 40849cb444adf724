using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class AccessTests
{
    private static readonly string[] HealthPaths = ["/health", "/-/healthy", "/-/ready"];

    [Test]
    public async Task Without_credentials_there_is_a_challenge_on_every_path_but_the_health_paths()
    {
        await using var sample = await Sample.StartAsync("--user", "ada", "--pass", "hunter2", "--web.bearer-token", "t0ken", "--log.level", "debug");
        foreach (var path in new[] { "/metrics", "/", "/no/such/path", "/echo" })
        {
            using var response = await sample.SendAsync(HttpMethod.Get, path);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), path);
            Assert.That(response.Headers.WwwAuthenticate.Select(challenge => challenge.ToString()), Is.EqualTo(new[]
            {
                "Basic realm=\"metrics\", charset=\"UTF-8\"", "Bearer realm=\"metrics\"",
            }));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("401 unauthorized\n"));
        }
        foreach (var path in HealthPaths)
            Assert.That(await StatusAsync(sample, path), Is.EqualTo(HttpStatusCode.OK), path);

        Assert.That(await StatusAsync(sample, "/metrics", Basic("ada", "hunter2")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(sample, "/metrics", new("bearer", "t0ken")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(sample, "/metrics", Basic("ada", "hunter")), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(sample, "/metrics", Basic("bob", "hunter2")), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(sample, "/metrics", Basic("ada", "t0ken")), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(sample, "/metrics", new("Bearer", "hunter2")), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(sample, "/metrics", new("Basic", "no/base64!")), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(string.Join('\n', sample.Process.Log), Does.Contain("A request was refused").And.Not.Contain("hunter").And.Not.Contain("t0ken"));

        var (exitCode, output) = await Sample.RunAsync("healthcheck", "--bind", "127.0.0.1", "--port", sample.Port.ToString());
        Assert.That((exitCode, output), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task Guessing_is_slowed_down_and_does_not_lock_out_who_is_known()
    {
        await using var sample = await Sample.StartAsync("--user", "ada", "--pass", "hunter2");
        Assert.That(await StatusAsync(sample, "/metrics", Basic("ada", "hunter2")), Is.EqualTo(HttpStatusCode.OK));
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
            answers.Add(await StatusAsync(sample, "/metrics", Basic("ada", "guess" + i)));
        Assert.That(answers, Has.Some.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(answers[0], Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(sample, "/metrics", Basic("ada", "hunter2")), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_token_from_a_file_lets_in()
    {
        using var folder = new TempFolder();
        await using var sample = await Sample.StartAsync("--web.bearer-token-file", folder.Write("token", "from-file\n"));
        Assert.That(await StatusAsync(sample, "/metrics", new("Bearer", "from-file")), Is.EqualTo(HttpStatusCode.OK));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Authorization = new("Bearer", "other") } };
        using var response = await sample.Client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer realm=\"metrics\", error=\"invalid_token\""));
    }

    [Test]
    public async Task An_address_that_is_not_allowed_is_refused_even_with_credentials()
    {
        await using var sample = await Sample.StartAsync("--white-list", "10.0.0.0/8,192.168.0.1", "--web.bearer-token", "t0ken");
        Assert.That(await StatusAsync(sample, "/metrics", new("Bearer", "t0ken")), Is.EqualTo(HttpStatusCode.Forbidden));
        // Nobody is believed a header as long as no proxy is trusted.
        Assert.That(await StatusAsync(sample, "/metrics", new("Bearer", "t0ken"), "10.0.0.1"), Is.EqualTo(HttpStatusCode.Forbidden));
        foreach (var path in HealthPaths)
            Assert.That(await StatusAsync(sample, path), Is.EqualTo(HttpStatusCode.OK), path);
    }

    [Test]
    public async Task A_trusted_proxy_tells_who_asks()
    {
        await using var sample = await Sample.StartAsync("--web.allow", "10.0.0.0/8", "--web.trusted-proxies", "127.0.0.0/8");
        Assert.That(await StatusAsync(sample, "/metrics"), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await StatusAsync(sample, "/metrics", forwardedFor: "10.0.0.1"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(sample, "/metrics", forwardedFor: "10.0.0.1, 203.0.113.1"), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await StatusAsync(sample, "/metrics", forwardedFor: "203.0.113.1, 10.0.0.1, 127.0.0.2"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(sample, "/metrics", forwardedFor: "10.0.0.1, nobody"), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [TestCase("--user ada", "--user and --pass must be given together")]
    [TestCase("--pass hunter2", "--user and --pass must be given together")]
    [TestCase("--user a:b --pass hunter2", "flag --user: must not contain a colon")]
    [TestCase("--web.bearer-token=", "flag --web.bearer-token: needs a value")]
    [TestCase("--web.bearer-token=hunter2 --web.bearer-token-file=/dev/null", "flag --web.bearer-token-file: must name a file that is not empty")]
    [TestCase("--web.allow=", "flag --web.allow: needs a value")]
    [TestCase("--white-list 10.0.0.1,", "flag --web.allow: must be an IP address or a range")]
    [TestCase("--web.trusted-proxies everyone", "flag --web.trusted-proxies: must be an IP address or a range such as 10.0.0.0/8 or fd00::/8 (got \"everyone\")")]
    public async Task A_mistake_is_refused_at_start(string arguments, string message)
    {
        var (exitCode, output) = await Sample.RunAsync(arguments.Split(' '));
        Assert.That(output, Does.Contain(message).And.Not.Contain("hunter2"));
        Assert.That(exitCode, Is.EqualTo(2));
    }

    private static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":" + password)));

    private static async Task<HttpStatusCode> StatusAsync(
        RunningSample sample, string path, AuthenticationHeaderValue? credentials = null, string? forwardedFor = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = credentials;
        if (forwardedFor is not null)
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var response = await sample.Client.SendAsync(request);
        return response.StatusCode;
    }
}
