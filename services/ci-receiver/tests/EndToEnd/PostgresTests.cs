using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>Replicas over one database, a real one.</summary>
[NonParallelizable]
public sealed class PostgresTests
{
    private const string Event = """{"id":"ID","name":"NAME","project":"p","status":"success","started":"2026-01-02T03:00:00Z","finished":"2026-01-02T03:01:30Z"}""";

    private PostgresServer _database = null!;

    [OneTimeSetUp]
    public async Task StartDatabaseAsync() => _database = await PostgresServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopDatabaseAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }

    [SetUp]
    public Task EmptyAsync() => _database.QueryAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC");

    [Test]
    public async Task Replicas_share_keys_and_totals_and_show_only_their_own_process_under_metrics()
    {
        await using ReceiverProcess first = await StartAsync();
        await using ReceiverProcess second = await StartAsync();
        Assert.That((await SendAsync(first, "1", "build")).Body, Does.Contain("\"counted\""));
        Assert.That((await SendAsync(second, "1", "build")).Body, Does.Contain("\"duplicate\""));
        Assert.That((await SendAsync(second, "2", "build")).Body, Does.Contain("\"counted\""));
        Assert.That((await SendAsync(second, "3", "Build")).Body, Does.Contain("both counted as build"));
        foreach (ReceiverProcess replica in new[] { first, second })
        {
            string totals = (await replica.GetAsync("/totals")).Body;
            Assert.That(totals, Does.Contain("""
                # HELP ci_build_duration The duration of the build usage
                # TYPE ci_build_duration histogram
                ci_build_duration_bucket{status="success",le="60"} 0
                ci_build_duration_bucket{status="success",le="120"} 3
                """).And.Contain("ci_build_duration_sum{status=\"success\"} 270\n").And.Contain("ci_build_total{project=\"p\",status=\"success\"} 3\n").And.Contain("receiver_name_collisions 1\n"));
            Assert.That(totals, Does.Not.Contain("process_").And.Not.Contain("exporter_"), "whichever replica answers, the series are the same");
            Assert.That((await replica.GetAsync("/metrics")).Body, Does.Not.Contain("\nci_").And.Contain("receiver_store_up 1\n"));
        }

        Assert.That(await _database.QueryAsync("SELECT count(*) FROM receiver_keys"), Is.EqualTo("3"));
    }

    [Test]
    public async Task Limits_hold_for_all_replicas_together()
    {
        await using ReceiverProcess first = await StartAsync("--max-names=3");
        await using ReceiverProcess second = await StartAsync("--max-names=3");
        await Parallel.ForAsync(0, 60, async (i, _) => Assert.That((await SendAsync(i % 2 == 0 ? first : second, $"{i}", $"name{i % 10}")).Status, Is.EqualTo(200)));
        ScrapedText totals = new((await first.GetAsync("/totals")).Body);
        ScrapedSample[] counters = [.. totals.Samples.Where(sample => sample.Name.StartsWith("ci_", StringComparison.Ordinal) && sample.Name.EndsWith("_total", StringComparison.Ordinal))];
        Assert.That(counters, Has.Length.EqualTo(4));
        Assert.That(counters.Select(counter => counter.Name), Has.Member("ci_other_total"));
        Assert.That(counters.Sum(counter => counter.Value), Is.EqualTo(60));
    }

    [Test]
    public async Task A_catalog_is_declared_once_for_all()
    {
        using TempFolder folder = new();
        string catalog = folder.Write("catalog.json", """[{"names":["Known Job"],"projects":["p"],"statuses":["success"]}]""");
        await using ReceiverProcess first = await StartAsync("--catalog", catalog);
        await using ReceiverProcess second = await StartAsync("--catalog", catalog);
        ScrapedText totals = new((await second.GetAsync("/totals")).Body);
        Assert.That((totals.Value("ci_known_job_total"), totals.Value("ci_known_job_duration_count")), Is.EqualTo((0, 0)));
        Assert.That((await SendAsync(second, "1", "Known Job")).Body, Does.Contain("\"warnings\":[]"));
    }

    [Test]
    public async Task Without_the_database_senders_are_told_to_try_again_it_is_not_ready_and_recovers_by_itself()
    {
        await using ReceiverProcess receiver = await StartAsync();
        await _database.KillAsync();
        await Eventually.TrueAsync(async () => (await SendAsync(receiver, "1", "build")).Status == 503, "503");
        Assert.That((await receiver.GetAsync("/-/ready")).Status, Is.EqualTo(503));
        Assert.That((await receiver.GetAsync("/-/healthy")).Status, Is.EqualTo(200));
        Assert.That((await receiver.GetAsync("/totals")).Status, Is.EqualTo(503));
        Assert.That((await receiver.ScrapeAsync()).Value("receiver_store_up"), Is.Zero);

        // One that starts meanwhile waits for it, too.
        await using ReceiverProcess late = await ReceiverProcess.StartOnAsync(FreePort.Next(), "--store", _database.Url);
        Assert.That((await late.GetAsync("/-/ready")).Status, Is.EqualTo(503));

        await _database.LaunchAsync();
        foreach (ReceiverProcess replica in new[] { receiver, late })
        {
            await Eventually.TrueAsync(async () => (await replica.GetAsync("/-/ready")).Status == 200, "the receiver to be ready again");
            Assert.That((await SendAsync(replica, "1", "build")).Status, Is.EqualTo(200));
        }

        Assert.That((await receiver.GetAsync("/totals")).Body, Does.Contain("ci_build_total{project=\"p\",status=\"success\"} 1\n"));
    }

    [Test]
    public async Task A_database_that_hangs_is_noticed_with_and_without_requests_and_recovery_is_by_itself()
    {
        // Far more than it takes, and far less than a client of the database would wait by itself.
        TimeSpan patience = TimeSpan.FromSeconds(20);
        await using ReceiverProcess sending = await StartAsync();
        await using ReceiverProcess idle = await StartAsync();
        Assert.That((await SendAsync(sending, "1", "build")).Status, Is.EqualTo(200));
        _database.Freeze();
        try
        {
            Task<(int Status, string Body)> sent = SendAsync(sending, "2", "build");
            Task<(int Status, string Body)> totals = sending.GetAsync("/totals");
            foreach (ReceiverProcess replica in new[] { sending, idle })
                await Eventually.TrueAsync(async () => (await replica.GetAsync("/-/ready")).Status == 503, "the hang to be noticed", patience);
            Assert.That((await sent.WaitAsync(patience)).Status, Is.EqualTo(503));
            Assert.That((await totals.WaitAsync(patience)).Status, Is.EqualTo(503));
            Assert.That((await SendAsync(idle, "3", "build").WaitAsync(patience)).Status, Is.EqualTo(503));
        }
        finally
        {
            _database.Thaw();
        }

        foreach (ReceiverProcess replica in new[] { sending, idle })
        {
            await Eventually.TrueAsync(async () => (await replica.GetAsync("/-/ready")).Status == 200, "the receiver to be ready again");
            Assert.That((await SendAsync(replica, "2", "build")).Status, Is.EqualTo(200));
        }

        await Eventually.TrueAsync(async () => (await idle.GetAsync("/totals")).Status == 200, "the totals");
        Assert.That((await idle.GetAsync("/totals")).Body, Does.Contain("ci_build_total{project=\"p\",status=\"success\"} 2\n"));
    }

    [Test]
    public async Task A_receiver_stops_although_the_database_hangs()
    {
        await using ReceiverProcess receiver = await StartAsync();
        _database.Freeze();
        try
        {
            Task<int> sent = StatusAsync();
            receiver.Signal(Signals.Terminate);
            Assert.That(await receiver.WaitForExitAsync(), Is.Zero);
            Assert.That(await sent, Is.EqualTo(503).Or.Zero, "zero: it came too late to be let in");
        }
        finally
        {
            _database.Thaw();
        }

        async Task<int> StatusAsync()
        {
            try
            {
                return (await SendAsync(receiver, "1", "build")).Status;
            }
            catch (HttpRequestException)
            {
                return 0;
            }
        }
    }

    [Test]
    public async Task Names_of_any_length_and_script_are_stored()
    {
        Random random = Seed.Random(out _);
        string name = "a" + string.Concat(Enumerable.Range(0, 1000).Select(_ => (char)random.Next(0x4e00, 0x9fa0)));
        await using ReceiverProcess first = await StartAsync();
        Assert.That(await SendAsync(first, "1", name), Is.EqualTo((200, "{\"result\":\"counted\",\"warnings\":[]}\n")));
        Assert.That((await SendAsync(first, "2", name)).Body, Does.Contain("\"warnings\":[]"));
        Assert.That((await SendAsync(first, "3", name + "語")).Body, Does.Contain("both counted as a"));
        await using ReceiverProcess second = await StartAsync();
        Assert.That((await SendAsync(second, "4", name)).Body, Does.Contain("\"warnings\":[]"));
        Assert.That((await second.GetAsync("/totals")).Body, Does.Contain("ci_a_total{project=\"p\",status=\"success\"} 4\n"));
    }

    [Test]
    public async Task A_long_name_that_an_earlier_version_stored_whole_is_not_another_one()
    {
        string name = new string('b', 1000);
        await using ReceiverProcess receiver = await StartAsync();
        string shortened = (await SendAsync(receiver, "1", name)).Status == 200 ? await _database.QueryAsync("SELECT name FROM receiver_names") : "";
        await _database.QueryAsync($"UPDATE receiver_names SET original = '{name}'");
        await using ReceiverProcess upgraded = await StartAsync();
        Assert.That((await SendAsync(upgraded, "2", name)).Body, Does.Not.Contain("both counted"));
        Assert.That((await upgraded.GetAsync("/totals")).Body, Does.Contain($"ci_{shortened}_total{{project=\"p\",status=\"success\"}} 2\n").And.Contain("receiver_name_collisions 0\n"));
        Assert.That(await _database.QueryAsync("SELECT count(*) FROM receiver_names"), Is.EqualTo("1"));
    }

    [Test]
    public async Task What_the_database_refuses_is_answered_so_and_keeps_nobody_else_out()
    {
        await using ReceiverProcess receiver = await StartAsync();
        await _database.QueryAsync("ALTER TABLE receiver_counters ADD CONSTRAINT nothing_bad CHECK (name <> 'bad')");
        // While a lock is held, all of them gather into one batch.
        Task<string> locked = _database.QueryAsync("BEGIN; LOCK TABLE receiver_keys; SELECT pg_sleep(1); COMMIT");
        (int Status, string Body)[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SendAsync(receiver, $"{i}", i == 7 ? "bad" : "good")));
        await locked;
        for (int i = 0; i < answers.Length; i++) Assert.That(answers[i].Status, Is.EqualTo(i == 7 ? 400 : 200), answers[i].Body);
        Assert.That(answers[7].Body, Does.Contain("the database cannot store it").And.Contain("SQLSTATE 23514"));
        Assert.That((await receiver.GetAsync("/-/ready")).Status, Is.EqualTo(200));
        Assert.That((await SendAsync(receiver, "7", "bad")).Status, Is.EqualTo(400), "it is not taken for a repetition");
        ScrapedText scrape = await receiver.ScrapeAsync();
        Assert.That((scrape.Value("receiver_store_up"), scrape.Value("receiver_commit_failures_total")), Is.EqualTo((1, 0)));
        Assert.That((await receiver.GetAsync("/totals")).Body, Does.Contain("ci_good_total{project=\"p\",status=\"success\"} 19\n").And.Not.Contain("ci_bad"));
    }

    [Test]
    public async Task A_database_that_cannot_have_all_names_is_not_used()
    {
        await _database.QueryAsync("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
        await using ReceiverProcess receiver = await ReceiverProcess.StartOnAsync(FreePort.Next(), "--store", new UriBuilder(_database.Url) { Path = "latin" }.ToString());
        await Eventually.TrueAsync(() => receiver.Log.Any(line => line.Contains("the encoding of the database latin is LATIN1; it must be UTF8", StringComparison.Ordinal)), "the reason in the log");
        Assert.That((await receiver.GetAsync("/-/ready")).Status, Is.EqualTo(503));
    }

    [Test]
    public async Task A_schema_of_a_newer_receiver_is_not_touched()
    {
        await _database.QueryAsync("CREATE TABLE receiver_schema (version int NOT NULL); INSERT INTO receiver_schema VALUES (99)");
        await using ReceiverProcess receiver = await ReceiverProcess.StartOnAsync(FreePort.Next(), "--store", _database.Url);
        await Eventually.TrueAsync(() => receiver.Log.Any(line => line.Contains("schema 99", StringComparison.Ordinal)), "the reason in the log");
        Assert.That((await receiver.GetAsync("/-/ready")).Status, Is.EqualTo(503));
    }

    [Test]
    public Task Three_replicas_and_the_database_killed_under_load_every_event_is_counted_exactly_once() => CrashAsync(kills: 5);

    [Test]
    [Category("Stress")]
    public Task Three_replicas_and_the_database_killed_fifty_times_every_event_is_counted_exactly_once() => CrashAsync(kills: 50);

    private async Task<ReceiverProcess> StartAsync(params string[] arguments)
    {
        ReceiverProcess receiver = await ReceiverProcess.StartOnAsync(FreePort.Next(), ["--store", _database.Url, .. arguments]);
        await Eventually.TrueAsync(async () => (await receiver.GetAsync("/-/ready")).Status == 200, "the receiver to be ready");
        return receiver;
    }

    private static Task<(int Status, string Body)> SendAsync(ReceiverProcess receiver, string id, string name) =>
        receiver.PostAsync(Event.Replace("ID", id, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal));

    private async Task CrashAsync(int kills)
    {
        Random random = Seed.Random(out _);
        ReceiverProcess[] replicas = [await StartAsync(), await StartAsync(), await StartAsync()];
        try
        {
            using CrashLoad load = new([.. replicas.Select(replica => replica.Url("/steps"))], random);
            using CancellationTokenSource stop = new();
            Task sending = load.RunAsync(clients: 12, stop.Token);
            for (int kill = 0; kill < kills; kill++)
            {
                await Task.Delay(random.Next(100, 800));
                // The third kill is always the database: every run has one.
                if (kill % 5 == 2)
                {
                    await _database.KillAsync();
                    await _database.LaunchAsync();
                    continue;
                }

                int victim = random.Next(replicas.Length);
                replicas[victim].Signal(Signals.Kill);
                await replicas[victim].WaitForExitAsync();
                int port = replicas[victim].Port;
                await replicas[victim].DisposeAsync();
                replicas[victim] = await ReceiverProcess.StartOnAsync(port, "--store", _database.Url);
            }

            await stop.CancelAsync();
            await sending;
            await TestContext.Out.WriteLineAsync($"{load.Answered.Count} keys, answered counted {load.Counted} and duplicate {load.Duplicates} times");
            Assert.That(load.Answered, Has.Count.GreaterThan(kills * 10));
            foreach (ReceiverProcess replica in replicas)
            {
                await Eventually.TrueAsync(async () => (await replica.GetAsync("/totals")).Status == 200, "the totals");
                CrashTests.Check(load, new ScrapedText((await replica.GetAsync("/totals")).Body));
            }
        }
        finally
        {
            foreach (ReceiverProcess replica in replicas) await replica.DisposeAsync();
        }
    }
}
