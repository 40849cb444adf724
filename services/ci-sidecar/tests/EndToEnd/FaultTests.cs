using System.Collections.Concurrent;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>What goes wrong between the sidecar and the receiver, and what becomes of the events.</summary>
public sealed class FaultTests
{
    private TempFolder _folder = null!;
    private HttpFaultProxy _receiver = null!;

    [SetUp]
    public void Create()
    {
        _folder = new TempFolder();
        Directory.CreateDirectory(_folder.PathOf("jobs"));
        _receiver = HttpFaultProxy.Start(null);
    }

    [TearDown]
    public async Task RemoveAsync()
    {
        await _receiver.DisposeAsync();
        _folder.Dispose();
    }

    private static IEnumerable<TestCaseData> Faults()
    {
        yield return new TestCaseData(HttpFault.LoseRequest).SetArgDisplayNames("request lost");
        yield return new TestCaseData(HttpFault.LoseAnswer).SetArgDisplayNames("answer lost");
        yield return new TestCaseData(HttpFault.Respond(500, "oops")).SetArgDisplayNames("500");
        yield return new TestCaseData(HttpFault.Respond(503, "")).SetArgDisplayNames("503");
        yield return new TestCaseData(HttpFault.Respond(429, "", "Retry-After: 1")).SetArgDisplayNames("429");
        yield return new TestCaseData(HttpFault.Late(TimeSpan.FromSeconds(5))).SetArgDisplayNames("late");
    }

    [TestCaseSource(nameof(Faults))]
    public async Task An_event_is_sent_again_under_the_same_key(HttpFault fault)
    {
        ConcurrentDictionary<string, int> attempts = new(StringComparer.Ordinal);
        _receiver.Plan = request => attempts.AddOrUpdate(request.Headers["Idempotency-Key"], 1, (_, before) => before + 1) < 3 ? fault : HttpFault.None;
        await using RunningSidecar sidecar = await StartAsync("--request-timeout", "300ms");
        _folder.Write("jobs/1.json", """{"id":"one"}""");
        _folder.Write("jobs/2.json", """{"id":"two"}""");
        await LeftAsync(0);
        Assert.That(attempts.Values, Is.All.EqualTo(3));
        Assert.That(attempts.Keys, Is.EquivalentTo(["one", "two"]));
        Assert.That(await sidecar.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task Retry_After_is_obeyed()
    {
        _receiver.Plan = _ => _receiver.Requests.Count == 1 ? HttpFault.Respond(429, "", "Retry-After: 3") : HttpFault.None;
        await using RunningSidecar sidecar = await StartAsync();
        _folder.Write("jobs/1.json", """{"id":"one"}""");
        string line = await sidecar.Process.WaitForAsync(line => line.Contains("trying again", StringComparison.Ordinal));
        Assert.That(line, Does.Contain("delay=00:00:03").Or.Contain("delay=3s"));
        await LeftAsync(0);
    }

    [Test]
    public async Task A_refused_event_goes_to_the_dead_letters_with_the_answer_and_holds_up_nobody()
    {
        _receiver.Plan = request => request.Text.Contains("\"bad\"", StringComparison.Ordinal) ? HttpFault.Respond(400, """{"detail":"name: must not be empty"}""") : HttpFault.None;
        await using RunningSidecar sidecar = await StartAsync();
        _folder.Write("jobs/1.json", """{"id":"bad"}""");
        _folder.Write("jobs/2.json", """{"id":"good"}""");
        await LeftAsync(0);
        Assert.That(File.ReadAllText(Directory.GetFiles(_folder.PathOf("spool", "dead-letters"), "*.reason").Single()), Is.EqualTo("400 {\"detail\":\"name: must not be empty\"}\n"));
        Assert.That(await sidecar.StopAsync(), Is.Zero);

        _receiver.Plan = _ => HttpFault.None;
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            RunningSidecar.Binary, ["drain", _folder.PathOf("spool"), _receiver.Address.Authority, "--dead-letters"]);
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(_receiver.Requests[^1].Headers["Idempotency-Key"], Is.EqualTo("bad"));
        Assert.That(Directory.GetFiles(_folder.PathOf("spool", "dead-letters")), Is.Empty);
    }

    [Test]
    public async Task An_event_that_always_fails_does_not_hold_up_the_others()
    {
        _receiver.Plan = request => request.Text.Contains("poison", StringComparison.Ordinal) ? HttpFault.Respond(500) : HttpFault.None;
        await using RunningSidecar sidecar = await StartAsync("--grace", "100ms");
        _folder.Write("jobs/0.json", """{"id":"poison"}""");
        for (int job = 1; job < 6; job++)
            _folder.Write($"jobs/{job}.json", $$"""{"id":"job-{{job}}"}""");
        await LeftAsync(1);
        Assert.That(await sidecar.StopAsync(), Is.Zero);
        Assert.That(Spooled(), Is.EqualTo(1), "kept for the next one");
    }

    [TestCase(400, "refused")]
    [TestCase(503, "given up")]
    public async Task Drain_fails_where_the_receiver_does_not_get_everything(int status, string why)
    {
        _receiver.Plan = _ => HttpFault.LoseRequest;
        await using (RunningSidecar sidecar = await StartAsync("--grace", "0s"))
        {
            _folder.Write("jobs/1.json", """{"id":"one"}""");
            await Eventually.TrueAsync(() => Spooled() == 1, "the event to be in the spool");
            await sidecar.StopAsync();
        }
        _receiver.Plan = _ => HttpFault.Respond(status);
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            RunningSidecar.Binary, ["drain", _folder.PathOf("spool"), _receiver.Address.Authority, "--give-up-after", "1ms"]);
        Assert.That((exitCode, output.Contains("sent=0 put_aside=1 unreadable=0 left=0", StringComparison.Ordinal)), Is.EqualTo((1, true)), $"{why}: {output}");
        Assert.That(output, Does.Not.Contain("trying again"));
    }

    [Test]
    public async Task A_redirection_is_tried_again()
    {
        int answers = 0;
        _receiver.Plan = _ => Interlocked.Increment(ref answers) == 1 ? HttpFault.Respond(302, "", "Location: /elsewhere") : HttpFault.None;
        await using RunningSidecar sidecar = await StartAsync();
        _folder.Write("jobs/1.json", """{"id":"one"}""");
        await Eventually.TrueAsync(() => _receiver.Requests.Count == 2, "the second attempt");
    }

    [TestCase(403, 1)]
    [TestCase(200, 0)]
    public async Task The_status_of_an_answer_of_any_length_decides(int status, int deadLetters)
    {
        _receiver.Plan = _ => HttpFault.Respond(status, new string('x', 300_000));
        await using RunningSidecar sidecar = await StartAsync();
        _folder.Write("jobs/1.json", """{"id":"one"}""");
        await Eventually.TrueAsync(() => _receiver.Requests.Count == 1, "the event to be sent");
        await LeftAsync(0);
        await Eventually.TrueAsync(() => Spooled() == 0, "the answer to be judged");
        Assert.That(_receiver.Requests, Has.Count.EqualTo(1));
        Assert.That(Directory.GetFiles(_folder.PathOf("spool", "dead-letters"), "*.json"), Has.Length.EqualTo(deadLetters));
    }

    [Test]
    public async Task What_cannot_be_delivered_is_given_up_after_a_time_and_kept()
    {
        _receiver.Plan = _ => HttpFault.Respond(503);
        await using RunningSidecar sidecar = await StartAsync("--give-up-after", "1s");
        _folder.Write("jobs/1.json", """{"id":"one"}""");
        await Eventually.TrueAsync(() => Directory.GetFiles(_folder.PathOf("spool", "dead-letters"), "*.json").Length == 1, "the event to be put aside");
        Assert.That(File.ReadAllText(Directory.GetFiles(_folder.PathOf("spool", "dead-letters"), "*.reason").Single()), Does.StartWith("given up after "));
    }

    [Test]
    public async Task What_a_killed_sidecar_left_is_sent_by_the_next_and_by_drain()
    {
        _receiver.Plan = _ => HttpFault.LoseRequest;
        await using (RunningSidecar first = await StartAsync())
        {
            _folder.Write("jobs/1.json", """[{"id":"one"},{"id":"two"}]""");
            await Eventually.TrueAsync(() => Spooled() == 2, "both events to be in the spool");
            first.Process.Signal(Signals.Kill);
            await first.Process.WaitForExitAsync();
        }
        int before = _receiver.Requests.Count;
        _receiver.Plan = _ => HttpFault.None;
        (int exitCode, string output) = await ServiceProcess.RunAsync(RunningSidecar.Binary, ["drain", _folder.PathOf("spool"), _receiver.Address.Authority]);
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(_receiver.Requests.Skip(before).Select(request => request.Headers["Idempotency-Key"]), Is.EquivalentTo(["one", "two"]));
        Assert.That(Spooled(), Is.Zero);
    }

    [Test]
    public async Task Killed_at_any_moment_it_loses_nothing_and_invents_no_second_key()
    {
        Random random = Seed.Random(out _);
        int written = 0;
        for (int life = 0; life < 5; life++)
        {
            await using RunningSidecar sidecar = await StartAsync();
            for (int job = 0; job < 20; job++)
                _folder.Write($"jobs/{written++}.json", $$"""{"name":"job {{written}}"}""");
            await Task.Delay(random.Next(120));
            sidecar.Process.Signal(Signals.Kill);
            await sidecar.Process.WaitForExitAsync();
        }
        await using RunningSidecar last = await StartAsync();
        await LeftAsync(0);
        Dictionary<string, int> keysByName = _receiver.Requests.Select(request => (Name: request.Text.Split("\"name\":")[1].Split(',')[0], Key: request.Headers["Idempotency-Key"]))
            .Distinct().GroupBy(pair => pair.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        Assert.That(keysByName, Has.Count.EqualTo(written));
        Assert.That(keysByName.Values, Is.All.EqualTo(1));
    }

    [Test]
    public async Task The_token_is_sent_and_never_logged()
    {
        string token = _folder.Write("token", "t0ps3cret-token\n");
        await using RunningSidecar sidecar = await StartAsync("--token-file", token, "--log.level", "debug");
        _folder.Write("jobs/1.json", """{"id":"one"}""");
        await LeftAsync(0);
        await sidecar.StopAsync();
        Assert.That(_receiver.Requests[0].Headers["Authorization"], Is.EqualTo("Bearer t0ps3cret-token"));
        Assert.That(string.Join('\n', sidecar.Process.Log), Does.Not.Contain("t0ps3cret"));
    }

    [Test]
    public async Task A_warning_of_the_receiver_is_a_warning_in_the_log()
    {
        _receiver.Plan = _ => HttpFault.Respond(200, """{"result":"counted","warnings":["status: the $ is missing"]}""");
        await using RunningSidecar sidecar = await StartAsync();
        _folder.Write("jobs/1.json", """{"id":"one"}""");
        string line = await sidecar.Process.WaitForAsync(line => line.Contains("key=one", StringComparison.Ordinal));
        Assert.That(line, Does.Contain("level=warn").And.Contain("the $ is missing"));
    }

    [Test]
    public async Task A_second_sidecar_on_the_same_spool_is_refused_with_the_reason()
    {
        await using RunningSidecar sidecar = await StartAsync();
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            RunningSidecar.Binary, [_folder.PathOf("jobs"), _receiver.Address.Authority, "--spool-dir", _folder.PathOf("spool")]);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("--spool-dir").And.Contain($"in use by process {sidecar.Process.Pid}"));
    }

    private Task<RunningSidecar> StartAsync(params string[] flags) =>
        RunningSidecar.StartAsync(_folder, _folder.PathOf("jobs") + "/", _receiver.Address, flags);

    private int Spooled() => Directory.GetFiles(_folder.PathOf("spool", "events"), "*.json").Length;

    // Every file has been taken, and so many events are left in the spool.
    private Task LeftAsync(int events) => Eventually.TrueAsync(
        () => Directory.GetFiles(_folder.PathOf("jobs"), "*.json").Length == 0 && Spooled() == events, $"{events} events to be left");
}
