using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

public sealed class CommandLineTests
{
    private static readonly string[] Documented =
    [
        "   --api-endpoint value, -e value    Your spacelift API endpoint (e.g. https://myaccount.app.spacelift.io) [$SPACELIFT_PROMEX_API_ENDPOINT]",
        "   --api-key-id value, -k value      Your spacelift API key ID [$SPACELIFT_PROMEX_API_KEY_ID]",
        "   --api-key-secret value, -s value  Your spacelift API key secret [$SPACELIFT_PROMEX_API_KEY_SECRET]",
        "   --is-development, -d              Uses settings appropriate during local development (default: false) [$SPACELIFT_PROMEX_IS_DEVELOPMENT]",
        "   --listen-address value, -l value  The address to listen on for HTTP requests (default: \":9953\") [$SPACELIFT_PROMEX_LISTEN_ADDRESS]",
        "   --scrape-timeout value, -t value  The maximum duration to wait for a response from the Spacelift API during scraping (default: 5s) [$SPACELIFT_PROMEX_SCRAPE_TIMEOUT]",
    ];

    [TestCase("help.golden", "help")]
    [TestCase("help.golden", "h")]
    [TestCase("help.golden", "--help")]
    [TestCase("help.golden", "-h")]
    [TestCase("help.golden")]
    [TestCase("serve-help.golden", "serve", "--help")]
    [TestCase("serve-help.golden", "help", "serve")]
    public async Task The_help_texts_are_the_golden_ones(string golden, params string[] arguments)
    {
        (int exitCode, string output) = await RunningExporter.RunAsync(arguments);
        Assert.That(exitCode, Is.Zero);
        Golden.Check(output + "\n", golden);
    }

    [Test]
    public async Task The_documented_options_are_shown_as_in_the_document()
    {
        (_, string output) = await RunningExporter.RunAsync("serve", "--help");
        Assert.That(output.Split('\n'), Is.SupersetOf(Documented));
    }

    [TestCase("--version")]
    [TestCase("-v")]
    public async Task The_version_is_one_line(string flag)
    {
        (int exitCode, string output) = await RunningExporter.RunAsync(flag);
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Match("^spacelift-promex version [0-9.]+$"));
    }

    [Test]
    public async Task All_mistakes_are_listed_at_once_with_exit_code_2()
    {
        (int exitCode, string output) = await RunningExporter.RunAsync("serve", "-t", "5", "-e", "ftp://x", "-l", "nowhere:99999", "--no-such");
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Does.Contain("--scrape-timeout: must be a duration").And.Contain("--api-endpoint: must be a URL such as")
            .And.Contain("--listen-address").And.Contain("\"--no-such\": is not known").And.Contain("--api-key-id must be given")
            .And.Contain("--api-key-secret or --api-key-secret-file must be given"));
    }

    [Test]
    public async Task The_secret_in_two_forms_is_a_mistake_and_an_empty_file_as_well()
    {
        using TempFolder folder = new();
        string empty = folder.Write("empty", "\n");
        (int exitCode, string output) = await RunningExporter.RunAsync("serve", "-e", "https://x", "-k", "k", "-s", "hidden-text", "--api-key-secret-file", empty);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Does.Contain("must name a file that is not empty").And.Not.Contain("hidden-text"));
    }

    [Test]
    public async Task Check_says_what_works_and_what_the_key_lacks()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        string[] arguments = ["check", "-e", api.Url, "-k", "k", "-s", api.Secret];
        (int exitCode, string output) = await RunningExporter.RunAsync(arguments);
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.EndWith("login: ok\npublic_pool: ok\nworker_pools: ok\nusage: ok\nmetrics: ok\nstacks: ok\ndrift: ok"));

        api.Plan = call => call.Operation switch
        {
            "usage" => FakeAnswer.Errors("Unauthorized"),
            "searchStacks" => FakeAnswer.Errors("searchStacks is not available for machine sessions"),
            _ => null,
        };
        (exitCode, output) = await RunningExporter.RunAsync(arguments);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("usage: FAILED: Unauthorized").And.Contain("the key needs").And.Contain("stacks: not for this key").And.Contain("drift: ok"));

        (exitCode, output) = await RunningExporter.RunAsync("check", "-e", api.Url, "-k", "k", "-s", "wrong");
        Assert.That((exitCode, output), Is.EqualTo((1, "login: FAILED: login: Spacelift does not know this API key or its secret")));
    }
}
