using System.Text;
using CiMetrics.AlloyRunner.Reading;
using CiMetrics.AlloyRunner.State;

namespace CiMetrics.AlloyRunner.Tests.Reading;

/// <summary>One and the same line in every format that runners of this family write.</summary>
public sealed class LineReaderTests
{
    private const string E = "\u001b";

    private static readonly DateTimeOffset Written = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [TestCase("Checking for jobs... received                       job=101 repo_url=http://ci/x.git runner=shelltok")]
    [TestCase(E + "[0;mChecking for jobs... received                     " + E + "[0;m  " + E + "[0;mjob" + E + "[0;m=101 " + E + "[0;mrepo_url" + E + "[0;m=http://ci/x.git " + E + "[0;mrunner" + E + "[0;m=shelltok")]
    [TestCase("2026-01-02T03:04:05.678901234Z Checking for jobs... received                       job=101 repo_url=http://ci/x.git runner=shelltok")]
    [TestCase("time=\"2026-01-02T03:04:05.678Z\" level=info msg=\"Checking for jobs... received\" job=101 repo_url=\"http://ci/x.git\" runner=shelltok")]
    [TestCase("Jan  2 03:04:05 host alloy-runner[123]: time=\"2026-01-02T03:04:05Z\" level=info msg=\"Checking for jobs... received\" job=101 runner=shelltok")]
    [TestCase("{\"job\":101,\"level\":\"info\",\"msg\":\"Checking for jobs... received\",\"repo_url\":\"http://ci/x.git\",\"runner\":\"shelltok\",\"time\":\"2026-01-02T03:04:05.678901234Z\"}")]
    [TestCase("{\"log\":\"Checking for jobs... received                     \\u001b[0;m  job\\u001b[0;m=101 runner\\u001b[0;m=shelltok\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-02T03:04:05.678901234Z\"}")]
    [TestCase("{\"log\":\"{\\\"job\\\":101,\\\"level\\\":\\\"info\\\",\\\"msg\\\":\\\"Checking for jobs... received\\\",\\\"runner\\\":\\\"shelltok\\\"}\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-02T03:04:05.678901234Z\"}")]
    public void A_received_job(string line)
    {
        RunnerEvent.JobStarted started = (RunnerEvent.JobStarted)Events(line).Single();
        Assert.That((started.Job, started.Runner), Is.EqualTo((101, "shelltok")));
        if (line.Contains("678", StringComparison.Ordinal)) Assert.That(started.When!.Value, Is.EqualTo(Written).Within(TimeSpan.FromMilliseconds(1)));
    }

    [TestCase("Job succeeded                                       job=7 project=77 runner=t", JobResult.Success, LineLevel.Info)]
    [TestCase("Job succeeded                                       duration_s=12.5 job=7 project=77 runner=t", JobResult.Success, LineLevel.Info)]
    [TestCase("WARNING: Job failed: exit status 3                  job=7 project=77 runner=t", JobResult.ScriptFailure, LineLevel.Warning)]
    [TestCase("WARNING: Job failed: execution took longer than 4s seconds  job=7 project=77 runner=t", JobResult.TimedOut, LineLevel.Warning)]
    [TestCase("WARNING: Job failed: canceled                       job=7 project=77 runner=t", JobResult.Canceled, LineLevel.Warning)]
    [TestCase("ERROR: Job failed (system failure): prepare environment: exit status 1  job=7 project=77 runner=t", JobResult.SystemFailure, LineLevel.Error)]
    [TestCase(E + "[31;1mERROR: Job failed (system failure): x               " + E + "[0;m  " + E + "[31;1mjob" + E + "[0;m=7 " + E + "[31;1mrunner" + E + "[0;m=t", JobResult.SystemFailure, LineLevel.Error)]
    [TestCase("time=\"2026-01-02T03:04:05Z\" level=warning msg=\"Job failed: exit status 1\" duration_s=1.5 exit_code=1 failure_reason=script_failure job=7 job-status=failed runner=t", JobResult.ScriptFailure, LineLevel.Warning)]
    [TestCase("{\"level\":\"error\",\"msg\":\"Job failed (system failure): \\\"quoted\\\"\",\"job\":7,\"runner\":\"t\"}", JobResult.SystemFailure, LineLevel.Error)]
    public void A_job_that_ended(string line, object result, object level)
    {
        RunnerEvent.JobFinished finished = (RunnerEvent.JobFinished)Events(line, out LineLevel found).Single();
        Assert.That((finished.Job, finished.Runner, finished.Result, found), Is.EqualTo((7, "t", result, level)));
    }

    [Test]
    public void What_somebody_wrote_into_an_error_text_is_no_field()
    {
        // The image's name is chosen by who writes the job.
        string line = "ERROR: Job failed (system failure): pulling image \"x  job=999 runner=evil Job succeeded  job=998\": not found  job=7 project=1 runner=t";
        RunnerEvent.JobFinished finished = (RunnerEvent.JobFinished)Events(line).Single();
        Assert.That((finished.Job, finished.Runner, finished.Result), Is.EqualTo((7, "t", JobResult.SystemFailure)));
        line = "time=\"2026-01-02T03:04:05Z\" level=error msg=\"Job failed (system failure): a \\\" job=999\" job=7 runner=t";
        Assert.That(((RunnerEvent.JobFinished)Events(line).Single()).Job, Is.EqualTo(7));
        line = "{\"level\":\"info\",\"msg\":\"something {\\\"msg\\\":\\\"Job succeeded\\\"}\",\"name\":\"Job succeeded                     job=5\",\"job\":7}";
        Assert.That(Events(line), Is.Empty);
    }

    [Test]
    public void Values_with_blanks_end_where_the_next_key_in_order_begins()
    {
        LogEntry entry = Entry("WARNING: Requesting machine removal                 created=2026-01-02 03:04:05 +0000 UTC name=runner-x reason=Too many builds a=1 usedCount=1");
        Assert.That(Field(entry, "created"), Is.EqualTo("2026-01-02 03:04:05 +0000 UTC"));
        Assert.That(Field(entry, "name"), Is.EqualTo("runner-x"));
        Assert.That(Field(entry, "reason"), Is.EqualTo("Too many builds a=1"));
        Assert.That(Field(entry, "usedCount"), Is.EqualTo("1"));
        Assert.That(Field(entry, "a"), Is.Null);
    }

    [Test]
    public void Machines()
    {
        Assert.That(Events("Machine created                                     name=runner-x-1 now=2026-01-02 03:04:05 retries=0 time=3.026201322s"),
            Is.EqualTo([new RunnerEvent.MachineCreated("runner-x-1", 3.026201322)]));
        Assert.That(Events("Starting docker-machine build...                    created=x docker=tcp://1.2.3.4:2376 job=201 name=runner-x-1 project=77 runner=t usedcount=1"),
            Is.EqualTo([new RunnerEvent.MachineUsed("runner-x-1", 201)]));
        Assert.That(Events("WARNING: Removing machine                           created=x name=runner-x-1 reason=Too many builds used=1s usedCount=1"),
            Is.EqualTo([new RunnerEvent.MachineRemoving("runner-x-1")]));
        Assert.That(Events("Machine removed                                     created=x name=runner-x-1 now=y reason=Too many builds retries=0 used=1s usedCount=1"),
            Is.EqualTo([new RunnerEvent.MachineRemoved("runner-x-1")]));
    }

    [Test]
    public void The_runner_itself()
    {
        Assert.That(Events("Starting multi-runner from /etc/alloy-runner/config.toml ...  builds=0"), Is.EqualTo(new RunnerEvent[] { new RunnerEvent.RunnerStarted(), new RunnerEvent.BuildCount(0) }));
        Assert.That(Events("Configuration loaded                                builds=2"), Is.EqualTo(new RunnerEvent[] { new RunnerEvent.ConfigRead(true), new RunnerEvent.BuildCount(2) }));
        Assert.That(Events("ERROR: Failed to load config toml: line 3: expected  builds=2"), Is.EqualTo(new RunnerEvent[] { new RunnerEvent.ConfigRead(false), new RunnerEvent.BuildCount(2) }));
        Assert.That(Events("WARNING: Requested service stop: terminated         builds=1"), Is.EqualTo(new[] { new RunnerEvent.BuildCount(1) }));
        Assert.That(Events("WARNING: Checking for jobs... failed                runner=t status=couldn't execute POST against http://ci: dial tcp"), Is.EqualTo(new[] { new RunnerEvent.Contact(false) }));
        Assert.That(Events("Submitting job to coordinator...ok                  code=200 job=7 job-status=success runner=t update-interval=0s"), Is.EqualTo(new[] { new RunnerEvent.Contact(true) }));
    }

    [Test]
    public void Newer_runners_tell_of_their_list()
    {
        RunnerEvent[] added = Events("Added job to processing list                        builds=2 job=9 max_builds=4 project=1 queue_depth=1 queue_size=2 repo_url=http://x runner=t time_in_queue_seconds=12");
        Assert.That(added, Is.EqualTo(new RunnerEvent[] { new RunnerEvent.JobStarted(9, "t") { QueueSeconds = 12 }, new RunnerEvent.BuildCount(2) }));
        RunnerEvent[] removed = Events("Removed job from processing list                    builds=1 job=9 max_builds=4 project=1 repo_url=http://x time_in_queue_seconds=12");
        Assert.That(removed, Is.EqualTo(new RunnerEvent[] { new RunnerEvent.JobGone(9), new RunnerEvent.BuildCount(1) }));
    }

    [TestCase("goroutine 1 [running]:", LineKind.Unknown)]
    [TestCase("\tmain.go:12 +0x1", LineKind.Unknown)]
    [TestCase("{\"level\":\"info\"", LineKind.Unknown)]
    [TestCase("{\"a\":1}", LineKind.Unknown)]
    [TestCase("[1,2]", LineKind.Unknown)]
    [TestCase("", LineKind.Nothing)]
    [TestCase("   ", LineKind.Nothing)]
    [TestCase("WARNING: anything", LineKind.Entry)]
    [TestCase("Configuration loaded", LineKind.Entry)]
    [TestCase("Anything at all                                     builds=0", LineKind.Entry)]
    public void What_a_line_is(string line, object kind) => Assert.That(new LineReader().Read(Encoding.UTF8.GetBytes(line), out _), Is.EqualTo(kind));

    [Test]
    public void A_followed_message_without_its_job_is_counted_as_not_understood()
    {
        LogEntry entry = Entry("Job succeeded");
        Assert.That(EventReader.Read(entry, null, _ => Assert.Fail("nothing to tell")), Is.EqualTo(EventReader.Outcome.Incomplete));
        entry = Entry("Job succeeded                                       job=abc runner=t");
        Assert.That(EventReader.Read(entry, null, _ => Assert.Fail("nothing to tell")), Is.EqualTo(EventReader.Outcome.Incomplete));
    }

    [Test]
    public void A_containers_log_in_parts_is_one_line()
    {
        LineReader reader = new();
        Assert.That(reader.Read("{\"log\":\"Job succeeded                                 \",\"stream\":\"stderr\",\"time\":\"2026-01-02T03:04:05Z\"}"u8, out _), Is.EqualTo(LineKind.Part));
        Assert.That(reader.Read("{\"log\":\"      job=7 runner=t\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-02T03:04:05Z\"}"u8, out LogEntry entry), Is.EqualTo(LineKind.Entry));
        Assert.That(Field(entry, "job"), Is.EqualTo("7"));
    }

    [Test]
    public void Any_bytes_pass_and_cost_nothing()
    {
        LineReader reader = new();
        Random random = new(7);
        byte[] line = new byte[400];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(line);
            line[0] = (i % 4) switch { 0 => (byte)'{', 1 => 0x1b, 2 => (byte)'t', _ => line[0] };
            reader.Read(line.AsSpan(0, random.Next(line.Length)), out _);
        }
        byte[] boring = Encoding.UTF8.GetBytes(E + "[0;mAppending trace to coordinator... none           " + E + "[0;m  job" + E + "[0;m=101 runner" + E + "[0;m=shelltok");
        reader.Read(boring, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            reader.Read(boring, out LogEntry entry);
            EventReader.Read(entry, null, NoEvent);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [TestCase("3.026201322s", 3.026201322)]
    [TestCase("1h2m3s", 3723)]
    [TestCase("250ms", 0.25)]
    [TestCase("12µs", 0.000012)]
    [TestCase("0s", 0)]
    [TestCase("", null)]
    [TestCase("12", null)]
    [TestCase("-1s", null)]
    [TestCase("x", null)]
    public void Durations_as_Go_writes_them(string text, double? seconds) => Assert.That(GoSeconds.Parse(Encoding.UTF8.GetBytes(text)), seconds is null ? Is.Null : Is.EqualTo(seconds).Within(1e-12));

    private static readonly Action<RunnerEvent> NoEvent = _ => { };

    private static RunnerEvent[] Events(string line) => [.. Events(line, out _).Select(each => each with { When = line.Contains("2026-01-02T", StringComparison.Ordinal) ? each.When : null })];

    private static RunnerEvent[] Events(string line, out LineLevel level)
    {
        List<RunnerEvent> events = [];
        LineKind kind = new LineReader().Read(Encoding.UTF8.GetBytes(line), out LogEntry entry);
        Assert.That(kind, Is.EqualTo(LineKind.Entry), line);
        EventReader.Read(entry, entry.Time, events.Add);
        level = entry.Level;
        return [.. events];
    }

    private static LogEntry Entry(string line)
    {
        Assert.That(new LineReader().Read(Encoding.UTF8.GetBytes(line), out LogEntry entry), Is.EqualTo(LineKind.Entry));
        return entry;
    }

    private static string? Field(in LogEntry entry, string key) => entry.TryGet(Encoding.UTF8.GetBytes(key), out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : null;
}
