using System.Net.Http.Headers;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>The command line and the config file of the users' document, through the published program.</summary>
public sealed class CommandLineTests
{
    [TestCase("-port", "{0}")]
    [TestCase("--port", "{0}")]
    [TestCase("-port={0}")]
    [TestCase("--port={0}")]
    public async Task The_port_is_taken_in_every_form(params string[] form)
    {
        int port = FreePort.Next();
        await using ServiceProcess process = await StartAsync([.. form.Select(text => text.Replace("{0}", $"{port}", StringComparison.Ordinal)), "-bind", "127.0.0.1"]);
        using HttpClient client = new();
        Assert.That(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")), Does.Contain("bitbucket_agent_docker_up 0"));
    }

    [Test]
    public async Task Extra_labels_go_on_every_metric_in_both_forms()
    {
        int port = FreePort.Next();
        await using ServiceProcess process = await StartAsync(
            ["-port", $"{port}", "-extra-label", "environment=production", "-extra-label=region=us-west-2", "--extra-label", "team=backend"]);
        using HttpClient client = new();
        ScrapedText scrape = await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"));
        (string, string)[] extra = [("environment", "production"), ("region", "us-west-2"), ("team", "backend")];
        Assert.That(scrape.Samples, Is.Not.Empty);
        foreach (ScrapedSample sample in scrape.Samples) Assert.That(sample.Labels.Select(label => (label.Key, label.Value)), Is.SupersetOf(extra), sample.Name);
    }

    [Test]
    public async Task The_config_file_of_the_users_document_works_and_flags_win_over_it()
    {
        using TempFolder folder = new();
        int port = FreePort.Next();
        string file = folder.Write("config.yml", """
            bind: 0.0.0.0
            port: 8080
            labels:
              environment: production
              region: us-west-2
              team: backend
              size: large
              platform: linux/amd64
            """);
        await using ServiceProcess process = await StartAsync(["-config-file", file, "-port", $"{port}", "-extra-label", "team=frontend"]);
        using HttpClient client = new();
        ScrapedText scrape = await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"));
        IReadOnlyDictionary<string, string> labels = scrape.All("bitbucket_agent_docker_up").Single().Labels;
        Assert.That(labels["platform"], Is.EqualTo("linux/amd64"));
        Assert.That(labels["size"], Is.EqualTo("large"));
        Assert.That(labels["team"], Is.EqualTo("frontend"));
    }

    [Test]
    public async Task A_port_in_the_file_may_be_text()
    {
        using TempFolder folder = new();
        int port = FreePort.Next();
        string file = folder.Write("config.yml", $"port: \"{port}\"\nbind: 127.0.0.1\n");
        await using ServiceProcess process = await StartAsync(["-config-file", file]);
        Assert.That(process.Log, Has.Some.Contain($"http://127.0.0.1:{port}"));
    }

    [Test]
    public async Task Every_mistake_is_listed_at_once_and_the_exit_code_is_2()
    {
        (int exitCode, string output) = await RunAsync(
            ["-port", "eighty", "-extra-label", "environment", "-extra-label", "1st=x", "-extra-label", "__name__=x", "-extra-label", "runner_uuid=x", "-docker.host", "ssh://host"]);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Contain("eighty"));
            Assert.That(output, Does.Contain("\"environment\"").Or.Contain("'environment'").Or.Contain("environment"));
            Assert.That(output, Does.Contain("1st"));
            Assert.That(output, Does.Contain("__name__"));
            Assert.That(output, Does.Contain("runner_uuid"));
            Assert.That(output, Does.Contain("ssh"));
        });
    }

    [Test]
    public async Task A_user_and_a_bearer_token_are_asked_for_by_flags()
    {
        int port = FreePort.Next();
        await using ServiceProcess process = await StartAsync(
            ["-port", $"{port}", "-basic-auth-user", "prom", "-basic-auth-pass", "s3cret-pass", "-bearer-token", "s3cret-token", "-white-list", "127.0.0.1,10.0.0.0/8"]);
        Uri metrics = new($"http://127.0.0.1:{port}/metrics");
        Assert.That(await StatusAsync(metrics, null), Is.EqualTo(401));
        Assert.That(await StatusAsync(metrics, new("Basic", Convert.ToBase64String("prom:wrong"u8))), Is.EqualTo(401));
        Assert.That(await StatusAsync(metrics, new("Basic", Convert.ToBase64String("prom:s3cret-pass"u8))), Is.EqualTo(200));
        Assert.That(await StatusAsync(metrics, new("Bearer", "s3cret-token")), Is.EqualTo(200));
        Assert.That(await StatusAsync(new Uri(metrics, "/-/healthy"), null), Is.EqualTo(200));
        Assert.That(process.Log, Has.None.Contains("s3cret"));
    }

    [Test]
    public async Task The_file_gives_them_too_and_an_address_not_on_the_list_is_refused()
    {
        using TempFolder folder = new();
        int port = FreePort.Next();
        string file = folder.Write("config.yml", $"""
            port: {port}
            basic_auth:
              username: prom
              password: s3cret-pass
            bearer_token: s3cret-token
            white_list:
              - 10.0.0.0/8
              - 192.168.1.1
            """);
        await using ServiceProcess process = await StartAsync(["-config-file", file]);
        Assert.That(await StatusAsync(new Uri($"http://127.0.0.1:{port}/metrics"), new("Bearer", "s3cret-token")), Is.EqualTo(403));
    }

    [TestCase("-version")]
    [TestCase("--version")]
    public async Task The_version_is_shown(string flag)
    {
        (int exitCode, string output) = await RunAsync([flag]);
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Match(@"^bitbucket-runner-exporter version \d+\.\d+\.\d+"));
    }

    [Test]
    public async Task The_help_text_is_the_golden_one()
    {
        (int exitCode, string output) = await RunAsync(["-help"]);
        Assert.That(exitCode, Is.Zero);
        Golden.Check(output.Replace("\r", "", StringComparison.Ordinal) + "\n", "help.golden");
    }

    [Test]
    public async Task The_healthcheck_asks_the_running_service()
    {
        int port = FreePort.Next();
        Assert.That((await RunAsync(["healthcheck", "-port", $"{port}"])).ExitCode, Is.EqualTo(1));
        await using ServiceProcess process = await StartAsync(["-port", $"{port}"]);
        Assert.That((await RunAsync(["healthcheck", "-port", $"{port}"])).ExitCode, Is.Zero);
    }

    private static Dictionary<string, string> NoEngine => new(StringComparer.Ordinal) { ["DOCKER_HOST"] = "unix:///nonexistent.sock" };

    private static async Task<int> StatusAsync(Uri url, AuthenticationHeaderValue? credentials)
    {
        using HttpClient client = new();
        client.DefaultRequestHeaders.Authorization = credentials;
        using HttpResponseMessage answer = await client.GetAsync(url);
        return (int)answer.StatusCode;
    }

    private static Task<ServiceProcess> StartAsync(string[] arguments) => ServiceProcess.StartAsync(
        Published.Binary("bitbucket-runner-exporter"), arguments, line => line.Contains("Listening", StringComparison.Ordinal), NoEngine);

    private static Task<(int ExitCode, string Output)> RunAsync(string[] arguments) =>
        ServiceProcess.RunAsync(Published.Binary("bitbucket-runner-exporter"), arguments, NoEngine);
}
