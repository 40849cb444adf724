using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary><c>exporter write</c>, as the last step of a job runs it.</summary>
public sealed class WriteTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task GitLab_variables_make_an_event()
    {
        JsonElement written = await WriteAsync(
            _folder.PathOf("builds", "metrics.json"),
            [],
            ("CI_JOB_ID", "4711"), ("CI_JOB_STARTED_AT", "2026-01-01T00:00:00Z"), ("CI_JOB_STATUS", "failed"), ("CI_PROJECT_PATH", "group/project"),
            ("CI_JOB_NAME", "build: [\"linux\", a\\b]\n"), ("CI_COMMIT_REF_NAME", "main"), ("CI_JOB_URL", "https://gitlab/x"));
        Assert.That(Field(written, "id"), Is.EqualTo("4711"));
        Assert.That(Field(written, "started"), Is.EqualTo("2026-01-01T00:00:00Z"));
        Assert.That(Field(written, "status"), Is.EqualTo("failed"));
        Assert.That(Field(written, "project"), Is.EqualTo("group/project"));
        Assert.That(Field(written, "name"), Is.EqualTo("build: [\"linux\", a\\b] "), "what breaks the echo recipe");
        Assert.That(Field(written, "ref"), Is.EqualTo("main"));
        Assert.That(Field(written, "finished"), Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"));
        Assert.That(File.GetUnixFileMode(_folder.PathOf("builds", "metrics.json")) & UnixFileMode.OtherRead, Is.Not.Zero, "the sidecar may be another user");
    }

    [Test]
    public async Task GitHub_variables_make_an_event_with_an_id_of_its_own()
    {
        (string, string)[] variables =
        [
            ("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "o/r"), ("GITHUB_JOB", "test"), ("GITHUB_REF_NAME", "v1"), ("JOB_STATUS", "cancelled"),
            ("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_RUN_ID", "9"),
        ];
        JsonElement written = await WriteAsync(_folder.PathOf("one.json"), [], variables);
        Assert.That(Field(written, "project"), Is.EqualTo("o/r"));
        Assert.That(Field(written, "status"), Is.EqualTo("cancelled"));
        Assert.That(Field(written, "url"), Is.EqualTo("https://github.com/o/r/actions/runs/9"));
        JsonElement other = await WriteAsync(_folder.PathOf("two.json"), [], variables);
        Assert.That(Field(other, "id"), Is.Not.EqualTo(Field(written, "id")), "the legs of a matrix share all variables");
    }

    [TestCase("0", "success")]
    [TestCase("1", "failed")]
    public async Task Bitbucket_variables_make_an_event(string exitCode, string status)
    {
        JsonElement written = await WriteAsync(
            _folder.PathOf("one.json"), [], ("BITBUCKET_BUILD_NUMBER", "3"), ("JOB_NAME", "build"), ("BITBUCKET_EXIT_CODE", exitCode), ("BITBUCKET_REPO_FULL_NAME", "w/r"));
        Assert.That(Field(written, "project"), Is.EqualTo("w/r"));
        Assert.That(Field(written, "status"), Is.EqualTo(status));
        Assert.That(Field(written, "name"), Is.EqualTo("build"));
    }

    [Test]
    public async Task Flags_go_over_variables_and_a_folder_gets_a_file_of_the_jobs_id()
    {
        JsonElement written = await WriteAsync(
            _folder.PathOf("jobs") + "/", ["--status", "success"], ("CI_JOB_ID", "4711"), ("CI_JOB_STATUS", "failed"), ("CI_PROJECT_PATH", "p"), ("CI_JOB_NAME", "n"));
        Assert.That(Field(written, "status"), Is.EqualTo("success"));
        Assert.That(File.Exists(_folder.PathOf("jobs", "4711.json")));
    }

    [Test]
    public async Task Any_name_is_written_so_that_the_receiver_takes_it()
    {
        JsonElement written = await WriteAsync(
            _folder.PathOf("one.json"), ["--status", "success", "--name", "two\nlines \"quoted\" \\ ä"], ("CI_JOB_ID", "1"), ("CI_PROJECT_PATH", "p"));
        Assert.That(Field(written, "name"), Is.EqualTo("two lines \"quoted\" \\ ä"));
    }

    [Test]
    public async Task Ids_that_differ_get_files_that_differ()
    {
        foreach (string id in (string[])["a/b", "a_b", "..", new string('x', 250)])
            await WriteAsync(_folder.PathOf("jobs") + "/", ["--id", id, "--status", "success", "--name", "n", "--project", "p"]);
        string[] names = [.. Directory.GetFiles(_folder.PathOf("jobs")).Select(path => Path.GetFileName(path)!)];
        Assert.That(names, Has.Length.EqualTo(4).And.All.EndsWith(".json").And.None.StartsWith("."));
    }

    [Test]
    public async Task What_is_missing_is_named()
    {
        (int exitCode, string output) = await RunAsync(_folder.PathOf("one.json"), [], ("CI_JOB_NAME", "n"));
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("no CI variable gives status, project; use --status or $JOB_STATUS, --project or $JOB_PROJECT"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
    }

    private static async Task<JsonElement> WriteAsync(string path, string[] flags, params (string Name, string Value)[] variables)
    {
        (int exitCode, string output) = await RunAsync(path, flags, variables);
        Assert.That(exitCode, Is.Zero, output);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(output.Trim()));
        return document.RootElement.Clone();
    }

    // Whatever CI system runs the tests themselves must not be seen.
    private static Task<(int ExitCode, string Output)> RunAsync(string path, string[] flags, params (string Name, string Value)[] variables) =>
        ServiceProcess.RunAsync("/usr/bin/env", ["-i", .. variables.Select(variable => $"{variable.Name}={variable.Value}"), RunningSidecar.Binary, "write", path, .. flags]);

    private static string? Field(JsonElement element, string name) => element.GetProperty(name).GetString();
}
