using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The compose files, by what they use of the format: nothing else may stand in them.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] Names = ["production", "chrome", "chrome-go"];

    private static readonly string[] ServiceKeys = ["image", "restart", "environment", "expose", "ports", "volumes", "healthcheck"];

    [TestCase("production", "standard")]
    [TestCase("chrome", "chrome")]
    [TestCase("chrome-go", "chrome-go")]
    public void Each_file_is_one_service_that_exposes_and_maps_the_port(string name, string type)
    {
        JsonObject file = Read(name);
        Assert.That(file.Select(each => each.Key), Is.EqualTo(new[] { "services", "volumes" }));
        (string service, JsonNode? body) = file["services"]!.AsObject().Single();
        Assert.That(service, Is.EqualTo($"github-runner-{name}"));
        JsonObject runner = body!.AsObject();
        Assert.That(runner.Select(each => each.Key), Is.EquivalentTo(ServiceKeys), "and each of them is checked below");
        Assert.That((string)runner["restart"]!, Is.EqualTo("unless-stopped"));
        Assert.That(runner["expose"]!.AsArray().Select(each => (string)each!), Is.EqualTo(new[] { "9091" }));
        Assert.That(Default((string)runner["image"]!), Does.Match(@"^[a-z0-9-]+:latest$"));

        JsonObject environment = runner["environment"]!.AsObject();
        Assert.That(environment.Select(each => each.Key), Is.EqualTo(new[] { "RUNNER_NAME", "RUNNER_TYPE", "GITHUB_REPOSITORY", "GITHUB_TOKEN" }));
        Assert.That(((string)environment["RUNNER_TYPE"]!, Default((string)environment["GITHUB_TOKEN"]!)), Is.EqualTo((type, "")), "no secret stands in the file");
        foreach ((string key, JsonNode? value) in environment) Assert.That(Default((string)value!), Is.Not.Null, key);

        // Each volume that is mounted is declared, and each that is declared is mounted.
        string[] mounted = [.. runner["volumes"]!.AsArray().Select(each => ((string)each!).Split(':')[0])];
        Assert.That(mounted, Is.EqualTo(file["volumes"]!.AsObject().Select(each => each.Key)));
        string entrypoint = File.ReadAllText(PathOf("entrypoint.sh"));
        foreach (JsonNode? volume in runner["volumes"]!.AsArray()) Assert.That(entrypoint, Does.Contain(((string)volume!).Split(':')[1]), "the state is kept in the volume");

        JsonObject health = runner["healthcheck"]!.AsObject();
        Assert.That(health.Select(each => each.Key), Is.EqualTo(new[] { "test", "interval", "timeout", "start_period" }));
        Assert.That(health["test"]!.AsArray().Select(each => (string)each!), Is.EqualTo(new[] { "CMD", "/usr/local/bin/github-runner-metrics", "healthcheck" }));
        foreach (string duration in (string[])["interval", "timeout", "start_period"]) Assert.That((string)health[duration]!, Does.Match("^[0-9]+s$"));
    }

    [Test]
    public void All_three_run_on_one_host()
    {
        string[] mappings = [.. Names.Select(name => Default((string)Read(name)["services"]![$"github-runner-{name}"]!["ports"]!.AsArray().Single()!))];
        Assert.That(mappings, Is.EqualTo(new[] { "9091:9091", "9092:9091", "9093:9091" }));
        Assert.That(Names.SelectMany(name => Read(name)["volumes"]!.AsObject().Select(each => each.Key)), Is.Unique);
        Assert.That(Names.Select(name => Default((string)Read(name)["services"]![$"github-runner-{name}"]!["environment"]!["RUNNER_NAME"]!)), Is.Unique);
    }

    [Test]
    public void Each_files_first_line_is_the_command_that_starts_it()
    {
        foreach (string name in Names)
            Assert.That(File.ReadLines(PathOf($"docker-compose.{name}.yml")).First(), Is.EqualTo($"# docker compose -f deploy/compose/github-runner/docker-compose.{name}.yml up -d"));
    }

    private static string PathOf(string name) => Repository.PathOf("deploy", "compose", "github-runner", name);

    private static JsonObject Read(string name) => Examples.Json(File.ReadAllText(PathOf($"docker-compose.{name}.yml")))!.AsObject();

    // With nothing set, as compose puts it in; what is no ${NAME:-default} is a mistake.
    private static string Default(string text)
    {
        string filled = Variable().Replace(text, "${default}");
        Assert.That(filled, Does.Not.Contain('$'));
        return filled;
    }

    [GeneratedRegex(@"\$\{[A-Z_]+:-(?<default>[^}]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
