using System.Text.Json;
using CiMetrics.Durable;
using CiMetrics.Sidecar.Intake;

namespace CiMetrics.Sidecar.Tests.Intake;

public sealed class EventBodyTests
{
    private static readonly FileIdentity File = new(1, 77, 10, 1_700_000_000_123_456_789, FileKind.File);

    private static readonly JobVariables GitLab = new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["CI_JOB_STATUS"] = "success",
        ["CI_PROJECT_PATH"] = "group/project",
        ["CI_JOB_ID"] = "4711",
        ["CI_JOB_TOKEN"] = "secret",
    }.GetValueOrDefault);

    [Test]
    public void The_recipe_of_the_documentation_is_completed()
    {
        JsonElement body = Completed("""{"started":"2026-01-01T00:00:00Z","status":"CI_JOB_STATUS","project":"CI_PROJECT_PATH","name":"build"}""", GitLab).Body;
        Assert.That(body.GetProperty("status").GetString(), Is.EqualTo("success"));
        Assert.That(body.GetProperty("project").GetString(), Is.EqualTo("group/project"));
        Assert.That(body.GetProperty("started").GetString(), Is.EqualTo("2026-01-01T00:00:00Z"));
        Assert.That(body.GetProperty("finished").GetString(), Is.EqualTo("2023-11-14T22:13:20.123Z"), "when the file was written");
    }

    [TestCase("$CI_JOB_STATUS", "success")]
    [TestCase("${CI_JOB_STATUS}", "success")]
    [TestCase("CI_JOB_STATUS", "success")]
    [TestCase("$CI_JOB_TOKEN", "$CI_JOB_TOKEN")]
    [TestCase("$CI_PROJECT_PATH", "$CI_PROJECT_PATH")]
    [TestCase("failed", "failed")]
    public void A_field_takes_only_the_variables_that_belong_into_it(string status, string expected) =>
        Assert.That(Completed($$"""{"status":"{{status}}"}""", GitLab).Body.GetProperty("status").GetString(), Is.EqualTo(expected));

    [Test]
    public void A_file_of_another_job_is_not_filled()
    {
        JsonElement body = Completed("""{"status":"CI_JOB_STATUS","id":"$CI_JOB_ID"}""", null).Body;
        Assert.That(body.GetProperty("status").GetString(), Is.EqualTo("CI_JOB_STATUS"));
        Assert.That(body.GetProperty("id").GetString(), Does.StartWith("file-"));
    }

    [TestCase("""{"id":"abc"}""", "abc")]
    [TestCase("""{"id":4712}""", "4712")]
    [TestCase("""{"id":"with blank \"and quotes\" ä"}""", "with blank \"and quotes\" ä")]
    [TestCase("""{"id":true}""", "true")]
    [TestCase("""{"id":"$CI_JOB_ID"}""", "4711")]
    public void A_given_id_is_the_key(string text, string expected)
    {
        (string key, JsonElement body) = Completed(text, GitLab);
        Assert.That(key, Is.EqualTo(expected));
        Assert.That(body.GetProperty("id").GetString(), Is.EqualTo(expected));
    }

    [TestCase("""{"id":"line\nbreak"}""", true)]
    [TestCase("""{"id":{"a":1}}""", true)]
    [TestCase("""{"id":"CI_JOB_ID of nobody"}""", true)]
    [TestCase("""{"id":""}""", false)]
    [TestCase("""{"id":null}""", false)]
    [TestCase("""{}""", false)]
    public void Else_the_file_gives_it_and_a_given_one_is_told(string text, bool isTold)
    {
        EventBody body = Complete(text, "origin", 0);
        Assert.That(body.Key, Does.Match("^file-[0-9a-f]{32}$"));
        Assert.That(body.Unusable is not null, Is.EqualTo(isTold));
    }

    [Test]
    public void One_file_gives_one_key_to_everybody_and_another_event_another_key()
    {
        string key = Complete("{}", "origin", 0).Key;
        Assert.That(Complete("{}", "origin", 0).Key, Is.EqualTo(key));
        Assert.That(Complete("{}", "origin", 1).Key, Is.Not.EqualTo(key));
        Assert.That(Complete("{ }", "origin", 0).Key, Is.Not.EqualTo(key));
        Assert.That(Complete("{}", "another", 0).Key, Is.Not.EqualTo(key));
    }

    [Test]
    public void A_file_is_known_by_its_last_change_or_once_claimed_by_its_new_name()
    {
        JobFile free = new("/jobs/a.json", File, IsClaimed: false);
        Assert.That((free with { Identity = File with { ModifiedNanoseconds = 1 } }).Origin, Is.Not.EqualTo(free.Origin));
        Assert.That((free with { Identity = File with { Inode = 78 } }).Origin, Is.Not.EqualTo(free.Origin));
        JobFile claimed = new("/jobs/.a.json.0123456789abcdef0123.claimed", File, IsClaimed: true);
        Assert.That((claimed.Name, claimed.Origin), Is.EqualTo(("a.json", "0123456789abcdef0123")));
        Assert.That((claimed with { Identity = File with { Size = 99, ModifiedNanoseconds = 1 } }).Origin, Is.EqualTo(claimed.Origin));
    }

    [Test]
    public void A_status_that_the_sidecar_was_given_while_the_job_ran_fills_nothing()
    {
        JobVariables running = new(name => name == "CI_JOB_STATUS" ? "running" : null);
        Assert.That(Completed("""{"status":"CI_JOB_STATUS"}""", running).Body.GetProperty("status").GetString(), Is.EqualTo("CI_JOB_STATUS"));
    }

    [Test]
    public void Other_fields_are_passed_on_as_they_are()
    {
        JsonElement body = Completed("""{"finished":"2026-01-01T00:01:00Z","more":[1,{"x":null}],"name":"ä \" \\"}""", GitLab).Body;
        Assert.That(body.GetProperty("finished").GetString(), Is.EqualTo("2026-01-01T00:01:00Z"));
        Assert.That(body.GetProperty("more").GetRawText(), Is.EqualTo("""[1,{"x":null}]"""));
        Assert.That(body.GetProperty("name").GetString(), Is.EqualTo("ä \" \\"));
    }

    private static EventBody Complete(string text, string origin, int index)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return EventBody.Complete(document.RootElement, index, origin, File.Modified, GitLab);
    }

    private static (string Key, JsonElement Body) Completed(string text, JobVariables? variables)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        EventBody body = EventBody.Complete(document.RootElement, 0, "origin", File.Modified, variables);
        using JsonDocument completed = JsonDocument.Parse(body.Json);
        return (body.Key, completed.RootElement.Clone());
    }
}
