using System.Net;
using CiMetrics.AlloyRunner.Following;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>The log from where else it may be: the journal, a container, the runner's own standard error.</summary>
public sealed class LogSourceTests
{
    /// <summary>What journalctl does, on a file with an entry a line: follows, and begins after a cursor.</summary>
    private const string Journal = """
        #!/bin/bash
        after=0
        for word in "$@"; do
          case "$word" in --after-cursor=*) after="${word#--after-cursor=c}";; esac
        done
        echo "$@" >> "$(dirname "$0")/calls"
        exec tail -n "+$((after + 1))" -F "$(dirname "$0")/entries"
        """;

    [Test]
    public async Task The_journal_is_followed_and_gone_on_with_after_a_crash()
    {
        using TempFolder folder = new();
        string program = folder.Write("bin/journalctl", Journal.Replace("        ", "", StringComparison.Ordinal));
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        int entries = 0;
        Entry("\"Checking for jobs... received                       job=1 repo_url=x runner=t\"");
        // What is no UTF-8 comes as numbers.
        Entry($"[{string.Join(',', "WARNING: Job failed: exit status 3 \u00ff                 job=1 runner=t"u8.ToArray())}]");
        Entry("\"Checking for jobs... received                       job=2 repo_url=x runner=t\"");
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["PATH"] = $"{folder.PathOf("bin")}:/usr/bin:/bin" };
        await using (ServiceProcess first = await StartAsync())
        {
            await Until(first, text => text.Value("runner_jobs_started_total", ("runner", "t")) == 2 && text.Value("runner_log_up", ("source", "journal")) == 1);
            Entry("\"Job succeeded                                       job=2 runner=t\"");
            await Until(first, text => text.Value("runner_jobs_finished_total", ("result", "success")) == 1);
            // What was counted is kept within seconds; what came after is read again.
            await Eventually.TrueAsync(() => File.Exists(folder.PathOf("state/checkpoint")) && File.ReadAllText(folder.PathOf("state/checkpoint")).Contains("\"Cursor\":\"c", StringComparison.Ordinal), "a cursor to be kept");
            first.Signal(Signals.Kill);
            await first.WaitForExitAsync();
        }
        Entry("\"Checking for jobs... received                       job=3 repo_url=x runner=t\"");
        await using ServiceProcess second = await StartAsync();
        ScrapedText scrape = await Until(second, text => text.Value("runner_jobs_started_total", ("runner", "t")) == 3);
        Assert.That(scrape.Value("runner_jobs_finished_total", ("result", "script_failure")), Is.EqualTo(1));
        Assert.That(scrape.Value("runner_jobs_finished_total", ("result", "success")), Is.EqualTo(1));
        Assert.That(scrape.Value("runner_log_lines_unparsed_total"), Is.Zero);
        string[] calls = File.ReadAllLines(folder.PathOf("bin/calls"));
        Assert.That(calls[0], Does.Contain("--follow").And.Contain("--output=json").And.Contain("--unit=alloy-runner.service").And.Not.Contain("cursor"));
        Assert.That(calls[^1], Does.Contain("--after-cursor=c"));
        second.Signal(Signals.Terminate);
        Assert.That(await second.WaitForExitAsync(), Is.Zero);

        void Entry(string message) => File.AppendAllText(
            folder.PathOf("bin/entries"), $$"""{"__CURSOR":"c{{++entries}}","__REALTIME_TIMESTAMP":"1767323045000000","_PID":"7","MESSAGE":{{message}},"PRIORITY":"6"}""" + "\n");

        Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(
            Observer.Binary,
            ["run", "--metrics-server", "127.0.0.1:0", "--config", folder.PathOf("none"), "--log-journal", "alloy-runner.service", "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"],
            line => line.Contains("Listening", StringComparison.Ordinal), environment);

        static async Task<ScrapedText> Until(ServiceProcess process, Func<ScrapedText, bool> condition)
        {
            string listening = process.Log.First(line => line.Contains("Listening", StringComparison.Ordinal));
            string address = listening.Split("address=")[1].Split(' ')[0];
            using HttpClient client = new();
            return await Eventually.GetAsync(
                async () =>
                {
                    ScrapedText text = await ScrapedText.GetAsync(client, new Uri(address + "/metrics"));
                    return condition(text) ? text : null;
                },
                "the journal's entries");
        }
    }

    [Test]
    public async Task A_journal_that_stays_away_is_told_of_once()
    {
        using TempFolder folder = new();
        string program = folder.Write("bin/journalctl", """
            #!/bin/bash
            echo >> "$(dirname "$0")/calls"
            echo "No journal files were opened due to insufficient permissions." >&2
            exit 1
            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            Observer.Binary,
            ["run", "--metrics-server", $"127.0.0.1:{FreePort.Next()}", "--config", folder.PathOf("none"), "--docker.watch=off", "--log-journal", "x.service", "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"],
            line => line.Contains("Listening", StringComparison.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = $"{folder.PathOf("bin")}:/usr/bin:/bin" });
        await Eventually.TrueAsync(() => File.Exists(folder.PathOf("bin/calls")) && File.ReadAllLines(folder.PathOf("bin/calls")).Length >= 4, "more attempts");
        Assert.That(process.Log.Where(line => line.Contains("journal cannot be read", StringComparison.Ordinal)).ToArray(), Has.Length.EqualTo(1).And.Some.Contains("insufficient permissions"));
    }

    [Test]
    public async Task Until_the_log_is_read_up_to_its_end_scrapes_are_refused_at_once()
    {
        using TempFolder folder = new();
        // There is always more of it until somebody says that it is enough.
        string program = folder.Write("bin/journalctl", """
            #!/bin/bash
            cd "$(dirname "$0")"
            yes '{"__CURSOR":"c","MESSAGE":"Appending trace to coordinator...ok                 code=202 job=1 runner=t"}' &
            more=$!
            while [ ! -e enough ]; do sleep 0.1; done
            kill "$more"
            # Its last line may be cut.
            echo
            echo '{"__CURSOR":"d","MESSAGE":"Checking for jobs... received                       job=2 repo_url=x runner=t"}'
            exec tail -f /dev/null
            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        int port = FreePort.Next();
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            Observer.Binary,
            ["run", "--metrics-server", $"127.0.0.1:{port}", "--config", folder.PathOf("none"), "--docker.watch=off", "--log-journal", "x.service", "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"],
            line => line.Contains("Listening", StringComparison.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = $"{folder.PathOf("bin")}:/usr/bin:/bin" });
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
        Assert.That(await AskAsync("/-/healthy"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AskAsync("/-/ready"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        using (HttpResponseMessage scrape = await client.GetAsync(new Uri("/metrics", UriKind.Relative)))
        {
            Assert.That(scrape.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(await scrape.Content.ReadAsStringAsync(), Does.Contain(LogStatus.NotYet));
        }
        folder.Write("bin/enough", "");
        await Eventually.TrueAsync(async () => await AskAsync("/-/ready") == HttpStatusCode.OK, "the end of the log");
        ScrapedText first = await ScrapedText.GetAsync(client, new Uri("/metrics", UriKind.Relative));
        Assert.That(first.Value("runner_jobs_started_total", ("runner", "t")), Is.EqualTo(1));

        async Task<HttpStatusCode> AskAsync(string path)
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            return answer.StatusCode;
        }
    }

    [Test]
    public async Task Without_a_word_the_file_is_found_that_the_runner_writes_to()
    {
        using TempFolder folder = new();
        await using FakeRunner runner = await FakeRunner.StartAsync();
        // Its standard error is a pipe of the test: nothing that could be read without taking part in it.
        await using (Observer none = await Observer.StartAsync(folder, runner.Pid, "--log-container", "no-such-container"))
            Assert.That((await none.ScrapeAsync()).Value("runner_log_up", ("source", "none")), Is.Zero);

        Assert.That(LogLocation.Of(new("/proc"), runner.Pid), Is.Null);

        // One that writes into a file, and then another process that writes into another file.
        string program = folder.PathOf($"alloy-{Environment.ProcessId}");
        File.WriteAllText(program, "#!/bin/bash\nread -r < \"$0.fifo\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (int exitCode, string output) = await ServiceProcess.RunAsync("/usr/bin/mkfifo", [program + ".fifo"]);
        Assert.That(exitCode, Is.Zero, output);
        await using ServiceProcess first = await StartAsync(1);
        await using Observer found = await Observer.StartAsync(folder, null, "--process-name", Path.GetFileName(program));
        ScrapedText scrape = await found.ScrapeUntilAsync(text => text.Value("runner_jobs_started_total", ("runner", "t")) == 1, "the file behind standard error");
        Assert.That(scrape.Value("runner_log_up", ("source", "file")), Is.EqualTo(1));
        first.Signal(Signals.Kill);
        await first.WaitForExitAsync();
        await using ServiceProcess second = await StartAsync(2);
        scrape = await found.ScrapeUntilAsync(text => text.Value("runner_jobs_started_total", ("runner", "t")) == 2, "the next process's file");
        Assert.That((scrape.Value("runner_restarts_total"), scrape.Value("runner_log_gaps_total")), Is.EqualTo((1d, 0d)));

        async Task<ServiceProcess> StartAsync(int job)
        {
            string log = folder.Write($"found-{job}.log", $"Checking for jobs... received                       job={job} repo_url=x runner=t\n");
            ServiceProcess process = ServiceProcess.Start("/bin/sh", ["-c", $"exec {program} run 2>>{log}"]);
            await Eventually.TrueAsync(() => LogLocation.Of(new("/proc"), process.Pid)?.File == log, "the runner's file");
            return process;
        }
    }

    [Test]
    public void A_containers_log_is_found_by_name_and_id()
    {
        using TempFolder folder = new();
        string id = new('a', 64);
        folder.Write($"{id}/config.v2.json", "{\"ID\":\"" + id + "\",\"Name\":\"/my-runner\",\"Driver\":\"overlay2\"}");
        string log = folder.PathOf($"{id}/{id}-json.log");
        Assert.That(LogLocation.OfContainer("my-runner", folder.Path)?.File, Is.EqualTo(log));
        Assert.That(LogLocation.OfContainer(id[..12], folder.Path)?.File, Is.EqualTo(log));
        Assert.That(LogLocation.OfContainer("other", folder.Path), Is.Null);
        Assert.That(LogLocation.OfContainer("my", folder.Path), Is.Null);
        Assert.That(LogLocation.OfContainer("my-runner", folder.PathOf("none")), Is.Null);
        Assert.That(LogLocation.ContainerOf($"0::/system.slice/docker-{id}.scope\n"), Is.EqualTo(id));
        Assert.That(LogLocation.UnitOf("0::/system.slice/alloy-runner.service\n"), Is.EqualTo("alloy-runner.service"));
        Assert.That(LogLocation.UnitOf("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n"), Is.Null);
    }
}
