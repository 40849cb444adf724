using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>Jobs, folders and signals that are not as one would wish: nothing ends the sidecar or is counted twice.</summary>
public sealed class TroubleTests
{
    private TempFolder _folder = null!;
    private HttpFaultProxy _receiver = null!;

    [SetUp]
    public void Create()
    {
        _folder = new TempFolder();
        _receiver = HttpFaultProxy.Start(null);
        Directory.CreateDirectory(_folder.PathOf("jobs"));
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Texts_that_nobody_can_read_are_put_aside_and_the_next_file_is_sent()
    {
        await using RunningSidecar sidecar = await StartAsync("--settle", "200ms");
        await File.WriteAllBytesAsync(_folder.PathOf("jobs", "latin.json"), Encoding.Latin1.GetBytes("""{"name":"bücher"}"""));
        _folder.Write("jobs/half.json", """{"name":"\ud800"}""");
        _folder.Write($"jobs/{new string('n', 200)}.json", "{bad");
        await Eventually.TrueAsync(() => Directory.GetFiles(_folder.PathOf("spool", "invalid"), "*.invalid").Length == 3, "three files to be put aside");
        _folder.Write("jobs/good.json", """{"id":"good"}""");
        await RequestsAsync(1);
        Assert.That(await sidecar.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task A_folder_that_is_closed_to_the_sidecar_is_named_once_and_waited_for()
    {
        Requires.Root();
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        string closed = Directory.CreateDirectory(_folder.PathOf("closed")).FullName;
        File.SetUnixFileMode(closed, (UnixFileMode)0b111_000_000);
        Directory.CreateDirectory(_folder.PathOf("own"));
        File.SetUnixFileMode(_folder.PathOf("own"), (UnixFileMode)0b111_111_111);
        string path = _folder.Write("closed/.metrics/metrics.json", """{"id":"behind"}""");
        await using ServiceProcess sidecar = await ServiceProcess.StartAsync(
            Requires.Program("setpriv", "util-linux"),
            ["--reuid", "65534", "--regid", "65534", "--clear-groups", RunningSidecar.Binary, path, _receiver.Address.Authority, "--spool-dir", _folder.PathOf("own", "spool"), "--poll-interval", "50ms"],
            line => line.Contains("Taking the files", StringComparison.Ordinal));
        await sidecar.WaitForAsync(line => line.Contains("Permission denied", StringComparison.Ordinal));
        File.SetUnixFileMode(closed, (UnixFileMode)0b111_101_101);
        await RequestsAsync(1);
        Assert.That(sidecar.Log.Count(line => line.Contains("Permission denied", StringComparison.Ordinal)), Is.EqualTo(1));
        sidecar.Signal(Signals.Terminate);
        Assert.That(await sidecar.WaitForExitAsync(), Is.Zero);
    }

    [Test]
    public async Task A_folder_that_is_a_link_is_named_and_not_followed()
    {
        Directory.CreateSymbolicLink(_folder.PathOf("link"), _folder.PathOf("jobs"));
        _folder.Write("jobs/a.json", """{"id":"a"}""");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, _folder.PathOf("link", "a.json"), _receiver.Address);
        await sidecar.Process.WaitForAsync(line => line.Contains("is a link or no folder", StringComparison.Ordinal));
        Assert.That(await sidecar.StopAsync(), Is.Zero);
        Assert.That(_receiver.Requests, Is.Empty);
    }

    [Test]
    public async Task What_was_sent_of_a_file_that_grows_has_the_same_keys_to_a_sidecar_with_another_spool()
    {
        string path = _folder.PathOf("jobs", "m.json");
        await using FileStream job = new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        await using (RunningSidecar first = await StartAsync())
        {
            await WriteAsync("{\"name\":\"one\"}\n");
            await RequestsAsync(1);
            await WriteAsync("{\"name\":\"two\"}\n");
            await RequestsAsync(2);
            first.Process.Signal(Signals.Kill);
            await first.Process.WaitForExitAsync();
        }
        await using RunningSidecar second = await StartAsync("--spool-dir", _folder.PathOf("another"));
        await RequestsAsync(4);
        Assert.That(_receiver.Requests.Select(request => request.Headers["Idempotency-Key"]).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(2));

        async Task WriteAsync(string line)
        {
            await job.WriteAsync(Encoding.UTF8.GetBytes(line));
            await job.FlushAsync();
        }
    }

    [Test]
    public async Task A_file_that_is_being_written_at_the_signal_is_waited_for_within_the_grace_period()
    {
        await using RunningSidecar sidecar = await StartAsync("--grace", "30s");
        string path = _folder.PathOf("jobs", "m.json");
        await using FileStream job = new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        job.Write("{\"id\":"u8);
        sidecar.Process.Signal(Signals.Terminate);
        await Task.Delay(500);
        Assert.That(sidecar.Process.HasExited, Is.False);
        job.Write("\"late\"}"u8);
        Assert.That(await sidecar.Process.WaitForExitAsync(), Is.Zero);
        Assert.That(_receiver.Requests.Single().Headers["Idempotency-Key"], Is.EqualTo("late"));
    }

    [Test]
    public async Task Once_does_not_end_with_a_stale_file_that_is_dropped()
    {
        string stale = _folder.Write("jobs/m.json", """{"id":"old"}""");
        File.SetLastWriteTimeUtc(stale, DateTime.UtcNow.AddHours(-1));
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["CI_JOB_STARTED_AT"] = DateTime.UtcNow.AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'") };
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(_folder, stale, _receiver.Address, ["--once", "--stale", "drop"], environment);
        await Eventually.TrueAsync(() => !File.Exists(stale), "the old file to be dropped");
        _folder.Write("jobs/m.json", """{"id":"own"}""");
        Assert.That(await sidecar.Process.WaitForExitAsync(), Is.Zero);
        Assert.That(_receiver.Requests.Single().Headers["Idempotency-Key"], Is.EqualTo("own"));
    }

    [Test]
    public async Task An_id_that_no_header_carries_is_the_key_in_the_body()
    {
        await using RunningSidecar sidecar = await StartAsync();
        _folder.Write("jobs/1.json", """{"id":"job 7 \"x\" ä"}""");
        await RequestsAsync(1);
        Assert.That(_receiver.Requests[0].Headers.ContainsKey("Idempotency-Key"), Is.False);
        Assert.That(_receiver.Requests[0].Text, Does.Contain("job 7"));
    }

    [Test]
    public async Task A_folder_that_comes_after_the_start_is_watched_from_then_on()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            _folder, _folder.PathOf("builds", "deep", ".metrics") + "/", _receiver.Address, ["--poll-interval", "10m"]);
        // With a poll in ten minutes, the kernel must have told of each folder.
        await Task.Delay(200);
        _folder.Write("builds/deep/.metrics/a.json", """{"id":"a"}""");
        await RequestsAsync(1);
    }

    private Task<RunningSidecar> StartAsync(params string[] flags) => RunningSidecar.StartAsync(_folder, _folder.PathOf("jobs"), _receiver.Address, flags);

    private Task RequestsAsync(int count) => Eventually.TrueAsync(() => _receiver.Requests.Count >= count, $"{count} requests");
}
