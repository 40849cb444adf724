using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>From a job's file to the receiver, through the published program.</summary>
public sealed class HandOffTests
{
    private TempFolder _folder = null!;
    private HttpFaultProxy _receiver = null!;

    private string JobFile => _folder.PathOf("builds", ".metrics", "metrics.json");

    [SetUp]
    public void Create()
    {
        _folder = new TempFolder();
        _receiver = HttpFaultProxy.Start(null);
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_file_in_a_folder_that_comes_later_is_sent_once_and_removed()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address);
        WriteJob("""{"started":"2026-01-01T00:00:00Z","status":"success","project":"p","name":"build"}""");
        await RequestsAsync(1);
        ProxiedRequest request = _receiver.Requests[0];
        Assert.That((request.Method, request.Path), Is.EqualTo(("POST", "/steps")));
        Assert.That(request.Headers["Content-Type"], Is.EqualTo("application/json"));
        Assert.That(request.Headers["Idempotency-Key"], Is.EqualTo(Body(request).GetProperty("id").GetString()).And.Not.Empty);
        Assert.That(Body(request).GetProperty("name").GetString(), Is.EqualTo("build"));
        await Eventually.TrueAsync(() => !File.Exists(JobFile) && Waiting() == 0, "file and spool to be empty");

        WriteJob("""{"started":"2026-01-01T00:00:00Z","status":"success","project":"p","name":"build"}""");
        await RequestsAsync(2);
        Assert.That(_receiver.Requests[1].Headers["Idempotency-Key"], Is.Not.EqualTo(request.Headers["Idempotency-Key"]), "the next job wrote the same words");
        Assert.That(await sidecar.StopAsync(), Is.Zero);
        Assert.That(_receiver.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Every_file_of_a_folder_is_sent_and_temporary_ones_are_not()
    {
        Directory.CreateDirectory(_folder.PathOf("jobs"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, _folder.PathOf("jobs"), _receiver.Address);
        _folder.Write("jobs/.half.json.tmp", "{");
        _folder.Write("jobs/notes.txt", "{}");
        for (int job = 0; job < 10; job++)
            _folder.Write($"jobs/{job}.json", $$"""{"id":"job-{{job}}","name":"build"}""");
        await RequestsAsync(10);
        Assert.That(Keys(), Is.EquivalentTo(Enumerable.Range(0, 10).Select(job => $"job-{job}")));
        Assert.That(await sidecar.StopAsync(), Is.Zero);
        Assert.That(Directory.GetFiles(_folder.PathOf("jobs")).Select(path => Path.GetFileName(path)), Is.EquivalentTo([".half.json.tmp", "notes.txt"]));
    }

    [Test]
    public async Task A_file_that_grows_slowly_is_sent_when_it_is_whole()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(JobFile)!);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address);
        await using (FileStream file = new(JobFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0))
        {
            foreach (byte letter in """{"id":"slow","name":"build"}"""u8.ToArray())
            {
                file.WriteByte(letter);
                await Task.Delay(15);
            }
        }
        await RequestsAsync(1);
        Assert.That(Body(_receiver.Requests[0]).GetProperty("id").GetString(), Is.EqualTo("slow"));
    }

    [Test]
    public async Task Lines_that_are_appended_later_are_sent_and_the_earlier_ones_not_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(JobFile)!);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address);
        await using (FileStream file = new(JobFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0))
        {
            for (int line = 1; line <= 3; line++)
            {
                file.Write("{\"name\":\"step\"}\n"u8);
                await RequestsAsync(line);
            }
        }
        await sidecar.StopAsync();
        Assert.That(Keys().Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(_receiver.Requests.Count));
    }

    [TestCase("this is no JSON", "it is not JSON")]
    [TestCase("", "it is empty")]
    [TestCase("[3]", "event 1 is a number")]
    public async Task What_holds_no_event_is_put_aside_with_the_reason(string content, string reason)
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address, ["--settle", "200ms"]);
        WriteJob(content);
        await Eventually.TrueAsync(() => Directory.GetFiles(_folder.PathOf("spool", "invalid"), "*.reason").Length == 1, "the reason");
        string kept = Directory.GetFiles(_folder.PathOf("spool", "invalid"), "*.invalid").Single();
        Assert.That(Path.GetFileName(kept), Does.StartWith("metrics.json."));
        Assert.That(File.ReadAllText(kept), Is.EqualTo(content));
        Assert.That(File.ReadAllText(kept + ".reason"), Does.Contain(reason));
        await Eventually.TrueAsync(() => !File.Exists(JobFile), "the file to be taken away");
        WriteJob("""{"id":"good"}""");
        await RequestsAsync(1);
    }

    [Test]
    public async Task A_link_is_not_followed_and_stays()
    {
        string secret = _folder.Write("secret.json", """{"id":"secret"}""");
        Directory.CreateDirectory(Path.GetDirectoryName(JobFile)!);
        File.CreateSymbolicLink(JobFile, secret);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address, ["--settle", "200ms"]);
        await sidecar.Process.WaitForAsync(line => line.Contains("it is not a regular file", StringComparison.Ordinal));
        Assert.That(_receiver.Requests, Is.Empty);
        Assert.That(new FileInfo(JobFile).LinkTarget, Is.EqualTo(secret));
    }

    [Test]
    public async Task A_file_that_is_too_long_stays_and_is_named_once()
    {
        WriteJob(new string(' ', 1 << 20) + """{"id":"long"}""");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address, ["--settle", "200ms", "--poll-interval", "50ms"]);
        await sidecar.Process.WaitForAsync(line => line.Contains("longer than 1048576 bytes", StringComparison.Ordinal));
        await Task.Delay(500);
        Assert.That(sidecar.Process.Log.Count(line => line.Contains("longer than", StringComparison.Ordinal)), Is.EqualTo(1));
        WriteJob("""{"id":"short"}""");
        await RequestsAsync(1);
    }

    [Test]
    public async Task A_file_in_a_folder_of_somebody_else_stays_and_is_sent_once()
    {
        Requires.Root();
        string setpriv = Requires.Program("setpriv", "util-linux");
        WriteJob("""{"name":"as root"}""");
        // The job is root and its folders have mode 0755; the sidecar is nobody.
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(_folder.PathOf("own"));
        File.SetUnixFileMode(_folder.PathOf("own"), (UnixFileMode)0b111_111_111);
        string[] command = ["--reuid", "65534", "--regid", "65534", "--clear-groups", RunningSidecar.Binary, JobFile, _receiver.Address.Authority, "--spool-dir", _folder.PathOf("own", "spool")];
        for (int start = 0; start < 2; start++)
        {
            await using ServiceProcess sidecar = await ServiceProcess.StartAsync(
                setpriv, command, line => line.Contains("Taking the files", StringComparison.Ordinal),
                new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = _folder.PathOf("own") });
            await RequestsAsync(1);
            sidecar.Signal(Signals.Terminate);
            Assert.That(await sidecar.WaitForExitAsync(), Is.Zero);
        }
        Assert.That(_receiver.Requests, Has.Count.EqualTo(1), "remembered over a restart");
        Assert.That(File.Exists(JobFile));
    }

    [TestCase("send", 1)]
    [TestCase("drop", 0)]
    public async Task A_file_of_an_earlier_job_is_handled_as_configured(string stale, int sent)
    {
        WriteJob("""{"id":"old","status":"CI_JOB_STATUS"}""");
        File.SetLastWriteTimeUtc(JobFile, DateTime.UtcNow.AddHours(-1));
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["CI_JOB_STARTED_AT"] = DateTime.UtcNow.AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["CI_JOB_STATUS"] = "success",
        };
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address, ["--stale", stale], environment);
        await Eventually.TrueAsync(() => !File.Exists(JobFile), "the file to be taken away");
        WriteJob("""{"id":"new","status":"CI_JOB_STATUS"}""");
        await RequestsAsync(sent + 1);
        await sidecar.StopAsync();
        Assert.That(Keys(), Is.EqualTo(sent == 1 ? ["old", "new"] : (string[])["new"]));
        Assert.That(Body(_receiver.Requests[^1]).GetProperty("status").GetString(), Is.EqualTo("success"));
        if (sent == 1)
            Assert.That(Body(_receiver.Requests[0]).GetProperty("status").GetString(), Is.EqualTo("CI_JOB_STATUS"), "not this job's status");
    }

    [Test]
    public async Task Once_means_once()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address, ["--once"]);
        WriteJob("""[{"id":"a"},{"id":"b"}]""");
        Assert.That(await sidecar.Process.WaitForExitAsync(), Is.Zero);
        Assert.That(Keys(), Is.EqualTo(["a", "b"]));
    }

    [Test]
    public async Task A_file_that_comes_with_the_signal_is_sent()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(JobFile)!);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address, ["--poll-interval", "1m"]);
        WriteJob("""{"id":"last"}""");
        Assert.That(await sidecar.StopAsync(), Is.Zero);
        Assert.That(Keys(), Is.EqualTo(["last"]));
    }

    [Test]
    public async Task Its_own_metrics_are_there_when_they_are_asked_for()
    {
        int port = FreePort.Next();
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address, ["--listen", $"127.0.0.1:{port}"]);
        WriteJob("""{"id":"a"}""");
        using HttpClient client = new();
        await Eventually.TrueAsync(
            async () => (await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"))).Contains("ci_sidecar_events_total{result=\"counted\"} 1\n", StringComparison.Ordinal),
            "the event to be counted");
        string text = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        (int exitCode, string output) = await Promtool.CheckMetricsAsync(text);
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(text, Does.Contain("ci_sidecar_spool_events 0\n").And.Contain("ci_sidecar_files_total 1\n"));
    }

    [Test]
    public async Task It_is_healthy_while_it_has_its_spool_without_listening()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, JobFile, _receiver.Address);
        Assert.That(await HealthAsync(), Is.EqualTo((0, "")));
        Assert.That(await sidecar.StopAsync(), Is.Zero);
        (int exitCode, string output) = await HealthAsync();
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.StartWith("unhealthy: no sidecar has the spool ").And.Contain(_folder.PathOf("spool")));

        Task<(int ExitCode, string Output)> HealthAsync() => ServiceProcess.RunAsync(RunningSidecar.Binary, ["healthcheck", "--spool-dir", _folder.PathOf("spool")]);
    }

    private void WriteJob(string content) => _folder.Write("builds/.metrics/metrics.json", content);

    private int Waiting() => Directory.GetFiles(_folder.PathOf("spool", "events")).Length;

    private Task RequestsAsync(int count) => Eventually.TrueAsync(() => _receiver.Requests.Count >= count, $"{count} requests");

    private string[] Keys() => [.. _receiver.Requests.Select(request => request.Headers["Idempotency-Key"])];

    private static JsonElement Body(ProxiedRequest request)
    {
        using JsonDocument document = JsonDocument.Parse(request.Body);
        return document.RootElement.Clone();
    }
}
