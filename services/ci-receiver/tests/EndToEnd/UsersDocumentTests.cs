using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>The users' document, through the published program.</summary>
public sealed class UsersDocumentTests
{
    private const string Query = "started=2023-05023T13:01:00Z&status=failed&project=dummy-project&name=dotnet_build";

    private TempFolder _folder = null!;
    private ReceiverProcess _receiver = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _receiver = await ReceiverProcess.StartAsync(_folder.PathOf("data"));
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("/steps")]
    [TestCase("/jobs")]
    public async Task The_example_line_three_times_counts_three_and_tells_why_no_duration_is_recorded(string path)
    {
        for (int i = 0; i < 3; i++)
        {
            (int status, string body) = await _receiver.GetAsync($"{path}?{Query}");
            Assert.That(status, Is.EqualTo(200), body);
            JsonElement answer = JsonDocument.Parse(body).RootElement;
            Assert.That(answer.GetProperty("result").GetString(), Is.EqualTo("counted"));
            Assert.That(answer.GetProperty("warnings")[0].GetString(), Does.Contain("2023-05023T13:01:00Z").And.Contain("its duration is not"));
        }

        ScrapedText scrape = await _receiver.ScrapeAsync();
        Assert.That(scrape.Value("ci_dotnet_build_total", ("project", "dummy-project"), ("status", "failed")), Is.EqualTo(3));
        Assert.That(scrape.Text, Does.Contain("# HELP ci_dotnet_build_total The number of dotnet build used\n# TYPE ci_dotnet_build_total counter\n"));
        Assert.That(scrape.Text, Does.Not.Contain("ci_dotnet_build_duration"));
        Assert.That(scrape.Value("receiver_warnings_total", ("reason", "started_malformed")), Is.EqualTo(3));
    }

    [Test]
    public async Task A_form_and_JSON_count_like_the_query_and_durations_have_the_document_s_buckets()
    {
        const string Json = """{"started":"2026-01-02T03:00:00Z","finished":"2026-01-02T03:01:30Z","status":"success","project":"p","name":"helm restore"}""";
        Assert.That((await _receiver.PostAsync("started=2026-01-02T03:00:00Z&finished=2026-01-02T03:00:30Z&status=success&project=p&name=helm_restore", "application/x-www-form-urlencoded")).Status, Is.EqualTo(200));
        Assert.That((await _receiver.PostAsync(Json)).Status, Is.EqualTo(200));
        Assert.That((await _receiver.PostAsync($"[{Json},{Json}]")).Body, Does.StartWith("""{"counted":2,"duplicates":0,"events":[{"result":"counted","""));
        string text = (await _receiver.ScrapeAsync()).Text;
        Assert.That(text, Does.Contain("""
            # HELP ci_helm_restore_duration The duration of the helm restore usage
            # TYPE ci_helm_restore_duration histogram
            ci_helm_restore_duration_bucket{status="success",le="60"} 1
            ci_helm_restore_duration_bucket{status="success",le="120"} 4
            ci_helm_restore_duration_bucket{status="success",le="300"} 4
            ci_helm_restore_duration_bucket{status="success",le="600"} 4
            ci_helm_restore_duration_bucket{status="success",le="900"} 4
            ci_helm_restore_duration_bucket{status="success",le="1200"} 4
            ci_helm_restore_duration_bucket{status="success",le="+Inf"} 4
            ci_helm_restore_duration_sum{status="success"} 300
            ci_helm_restore_duration_count{status="success"} 4
            """));
        Assert.That(text, Does.Contain("ci_helm_restore_total{project=\"p\",status=\"success\"} 4"));
        (int exitCode, string output) = await Promtool.CheckMetricsAsync(text);
        // Its style rules know names without units only as mistakes; what it must not find is a broken format.
        Assert.That(exitCode, Is.Not.EqualTo(1), output);
    }

    [Test]
    public async Task The_README_s_example_is_counted_with_its_duration()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "services", "ci-receiver", "README.md"));
        string line = readme.Split('\n').Single(line => line.StartsWith("curl -G", StringComparison.Ordinal));
        _ = Requires.Program("curl", "curl");
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/sh", ["-c", "exec " + line.Replace("localhost:8080", _receiver.Target, StringComparison.Ordinal) + " -sS"]);
        Assert.That((exitCode, output), Is.EqualTo((0, """{"result":"counted","warnings":[]}""")));
        Assert.That((await _receiver.ScrapeAsync()).Value("ci_dotnet_build_duration_count", ("status", "failed")), Is.EqualTo(1));
    }

    [Test]
    public async Task The_recipe_that_lacks_dollars_is_counted_as_unknown_and_named()
    {
        (int status, string body) = await _receiver.PostAsync("""{"started":"2023-05-23T13:01:00Z","status":"CI_JOB_STATUS","project":"CI_PROJECT_PATH","name":"build"}""");
        Assert.That(status, Is.EqualTo(200));
        Assert.That(body, Does.Contain("the $ before CI_JOB_STATUS is missing").And.Contain("the $ before CI_PROJECT_PATH is missing"));
        ScrapedText scrape = await _receiver.ScrapeAsync();
        Assert.That(scrape.Value("ci_build_total", ("project", "unknown"), ("status", "unknown")), Is.EqualTo(1));
        Assert.That(scrape.Value("receiver_unexpanded_variables_total", ("field", "status")), Is.EqualTo(1));
        Assert.That(scrape.Value("receiver_unexpanded_variables_total", ("field", "project")), Is.EqualTo(1));
    }

    [TestCase("""{"name":"a","project":"p"}""", "application/json", 400, "status", "must be given")]
    [TestCase("""[{"name":"a","project":"p","status":"success"},{"name":"a","project":"","status":"success"}]""", "application/json", 400, "[1].project", "must not be empty")]
    [TestCase("name=a&project=p", "application/x-www-form-urlencoded", 400, "status", "must be given")]
    [TestCase("<name/>", "text/xml", 415, "Content-Type", "application/json or application/x-www-form-urlencoded")]
    [TestCase("{", "application/json", 400, "body", "must be JSON")]
    [TestCase("[{},[]]", "application/json", 400, "[1]", "must be an object")]
    public async Task A_bad_request_is_a_problem_that_names_field_and_rule_and_counts_nothing(string body, string type, int status, string field, string rule)
    {
        (int answered, string problem) = await _receiver.PostAsync(body, type);
        Assert.That(answered, Is.EqualTo(status), problem);
        JsonElement answer = JsonDocument.Parse(problem).RootElement;
        Assert.That(answer.GetProperty("status").GetInt32(), Is.EqualTo(status));
        Assert.That(answer.GetProperty("rule").GetString(), Does.Contain(rule));
        Assert.That(answer.GetProperty("field").GetString(), Is.EqualTo(field));
        ScrapedText scrape = await _receiver.ScrapeAsync();
        Assert.That(scrape.Text, Does.Not.Contain("\nci_"));
        Assert.That(scrape.Value("receiver_requests_refused_total", ("code", $"{status}")), Is.EqualTo(1));
    }

    [Test]
    public async Task A_body_that_is_too_long_is_413_and_other_methods_405()
    {
        (int status, string body) = await _receiver.PostAsync(new string(' ', (1 << 20) + 1));
        Assert.That((status, body.Contains("1048576 bytes", StringComparison.Ordinal)), Is.EqualTo((413, true)), body);
        using HttpClient client = new();
        using HttpRequestMessage head = new(HttpMethod.Head, _receiver.Url($"/steps?{Query}"));
        using HttpResponseMessage answer = await client.SendAsync(head);
        Assert.That((int)answer.StatusCode, Is.EqualTo(405));
        Assert.That((await _receiver.ScrapeAsync()).Text, Does.Not.Contain("\nci_"));
    }

    [Test]
    public async Task A_key_counts_once_from_id_or_header_and_both_must_agree()
    {
        const string Event = """{"name":"a","project":"p","status":"success","started":"2026-01-02T03:00:00Z","finished":"2026-01-02T03:00:30Z"}""";
        string withId = Event.Replace("{", """{"id":"7",""", StringComparison.Ordinal);
        Assert.That((await _receiver.PostAsync(withId)).Body, Does.Contain("\"counted\""));
        Assert.That((await _receiver.PostAsync(withId)).Body, Does.Contain("\"duplicate\""));
        Assert.That((await _receiver.PostAsync(Event, key: "7")).Body, Does.Contain("\"duplicate\""));
        Assert.That((await _receiver.PostAsync(withId, key: "7")).Body, Does.Contain("\"duplicate\""));
        (int status, string body) = await _receiver.PostAsync(withId, key: "8");
        Assert.That(status, Is.EqualTo(400), body);
        Assert.That((await _receiver.PostAsync($"[{Event},{Event}]", key: "9")).Body, Does.Contain("\"counted\":2"));
        Assert.That((await _receiver.PostAsync($"[{Event},{Event}]", key: "9")).Body, Does.Contain("\"duplicates\":2"));
        ScrapedText scrape = await _receiver.ScrapeAsync();
        Assert.That(scrape.Value("ci_a_total"), Is.EqualTo(3));
        Assert.That(scrape.Value("ci_a_duration_count"), Is.EqualTo(3));
        Assert.That(scrape.Value("receiver_events_total", ("result", "duplicate")), Is.EqualTo(5));
    }
}
