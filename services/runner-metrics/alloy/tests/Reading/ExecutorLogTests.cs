using System.Globalization;
using System.Text;
using CiMetrics.AlloyRunner.Reading;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.Reading;

/// <summary>A log of every executor in every format: one job of each outcome, and what comes out of it.</summary>
public sealed class ExecutorLogTests
{
    private const string Took = "duration_s";

    /// <summary>How the script's failure and the runner's own read; what else the runner logs of such jobs.</summary>
    private static readonly Executor[] Executors =
    [
        new("shell", "exit status 3", "prepare environment: exit status 1"),
        new("docker", "exit code 1", "Error response from daemon: pull access denied for x (executor_docker.go:166:1s)", "Failed to remove network"),
        new("docker-windows", "exit code 1", "invalid volume specification"),
        new("docker-ssh", "Process exited with status 2", "ssh Dial() error: ssh: handshake failed"),
        new("docker+machine", "exit code 1", "exit status 1: no machine", "Preparation failed: exit status 1") { HasMachines = true },
        new("docker-ssh+machine", "Process exited with status 2", "no free machines that can process builds") { HasMachines = true },
        new("ssh", "Process exited with status 1", "ssh command Connect() error: ssh Dial() error: dial tcp 10.0.0.1:22: connect: connection refused"),
        new("parallels", "Process exited with status 1", "prlctl start: exit status 255"),
        new("virtualbox", "Process exited with status 1", "could not find a registered machine named \"ci\""),
        new("kubernetes", "command terminated with exit code 1", "prepare environment: waiting for pod running: timed out waiting for pod to start", "Error streaming logs: read tcp: i/o timeout"),
        new("custom", "exit status 2", "run exit failure: exit status 1"),
        new("instance", "Process exited with status 1", "preparing environment: dial instance: context deadline exceeded"),
        new("docker-autoscaler", "exit code 1", "unable to acquire instance: context deadline exceeded"),
    ];

    private static readonly Outcome[] Outcomes =
    [
        new(JobResult.Success, _ => ("info", "Job succeeded")),
        new(JobResult.ScriptFailure, executor => ("warning", "Job failed: " + executor.Script)),
        new(JobResult.SystemFailure, executor => ("error", "Job failed (system failure): " + executor.System)),
        new(JobResult.TimedOut, _ => ("warning", "Job failed: execution took longer than 1h0m0s seconds")),
        new(JobResult.Canceled, _ => ("warning", "Job failed: canceled")),
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        from executor in Executors
        from format in Enum.GetValues<Format>()
        select new TestCaseData(executor, format) { TestName = $"{executor.Name} {format}" };

    [TestCaseSource(nameof(Cases))]
    public void Every_outcome_is_counted(object executor, object format) => Check((Executor)executor, (Format)format);

    private static void Check(Executor executor, Format format)
    {
        StringBuilder log = new();
        DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Line("info", "Starting multi-runner from /etc/alloy-runner/config.toml ...", ("builds", 0));
        Line("info", "Configuration loaded", ("builds", 0));
        int job = 100;
        foreach (Outcome outcome in Outcomes)
        {
            job++;
            Line("info", "Checking for jobs... received", ("job", job), ("repo_url", "http://ci.example.com/group/project.git"), ("runner", "recorded"));
            if (executor.HasMachines)
            {
                Line("info", "Machine created", ("name", Machine()), ("now", "2026-01-02 03:04:06 +0000 UTC"), ("retries", 0), ("time", "31.5s"));
                Line("info", "Starting docker-machine build...", ("created", "x"), ("docker", "tcp://10.0.0.9:2376"), ("job", job), ("name", Machine()), ("project", 77), ("runner", "recorded"), ("usedcount", 1));
            }
            if (executor.Warning is { } warning) Line("warning", warning, ("job", job), ("project", 77), ("runner", "recorded"));
            now = now.AddSeconds(40);
            (string level, string message) = outcome.Tell(executor);
            Line(level, message, [.. Duration(), ("job", job), ("project", 77), ("runner", "recorded")]);
            if (!executor.HasMachines) continue;
            Line("warning", "Removing machine", ("created", "x"), ("name", Machine()), ("reason", "Too many builds"), ("used", "1s"), ("usedCount", 1));
            Line("info", "Machine removed", ("created", "x"), ("name", Machine()), ("now", "y"), ("reason", "Too many builds"), ("retries", 0), ("used", "1s"), ("usedCount", 1));
        }
        Line("warning", "Requested service stop: terminated", ("builds", 0));
        Line("info", "All workers stopped. Can exit now", ("builds", 0));

        RunnerState state = new(new RunnerImage(), new ManualTime());
        LineIntake intake = new(new ManualTime());
        foreach (string line in log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)) intake.Take(state, Encoding.UTF8.GetBytes(line), isLive: false);
        RunnerSnapshot found = state.Snapshot();
        MachineFigures machines = found.Machines[0];
        Assert.Multiple(() =>
        {
            Assert.That(found.Started, Is.EquivalentTo(new Dictionary<string, long>(StringComparer.Ordinal) { ["recorded"] = Outcomes.Length }));
            Assert.That(found.Finished, Is.EquivalentTo(Outcomes.ToDictionary(outcome => ("recorded", outcome.Result), _ => 1L)));
            // Three failures, the stop, and what the executor adds to each job.
            Assert.That(found.Errors["warning"], Is.EqualTo(4 + (Outcomes.Length * ((executor.HasMachines ? 1 : 0) + (executor.Warning is null ? 0 : 1)))));
            Assert.That(found.Errors["error"], Is.EqualTo(1));
            Assert.That((found.Running, found.UnparsedLines, found.ConfigOk), Is.EqualTo((0, 0, true)));
            Assert.That((found.ReconciledMissing, found.ReconciledSurplus), Is.EqualTo((0, 0)));
            int expected = executor.HasMachines ? Outcomes.Length : 0;
            Assert.That((machines.Created, machines.Used, machines.Removed, machines.CreationSeconds.Sum), Is.EqualTo((expected, expected, expected, expected * 31.5)));
            // Older text has no times: such a job is measured only while it is watched.
            Assert.That(found.JobSeconds.GetValueOrDefault("recorded")?.Sum ?? 0, Is.EqualTo(format is Format.Coloured or Format.Plain ? 0 : 40 * Outcomes.Length));
        });

        string Machine() => $"runner-recorded-auto-{job}";

        (string, object)[] Duration() => format is Format.NewerText or Format.Json ? [(Took, 40)] : [];

        void Line(string level, string message, params (string Key, object Value)[] fields) => log.Append(Lines.Write(format, now, level, message, fields)).Append('\n');
    }

    private enum Format
    {
        Coloured,
        Plain,
        Syslog,
        NewerText,
        Json,
        ContainerOfColoured,
        ContainerOfJson,
    }

    private sealed record Executor(string Name, string Script, string System, string? Warning = null)
    {
        public bool HasMachines { get; init; }
    }

    private sealed record Outcome(JobResult Result, Func<Executor, (string Level, string Message)> Tell);

    /// <summary>Lines as the runners write them.</summary>
    private static class Lines
    {
        public static string Write(Format format, DateTimeOffset time, string level, string message, (string Key, object Value)[] fields) => format switch
        {
            Format.Coloured => Coloured(level, message, fields),
            Format.Plain => Prefix(level) + message.PadRight(50) + "  " + string.Join(' ', fields.Select(field => $"{field.Key}={field.Value}")),
            Format.Syslog => "Jan  2 03:04:05 host alloy-runner[123]: " + Quoted(time, level, message, fields),
            Format.NewerText => Quoted(time, level, message, fields),
            Format.Json => Json(time, level, message, fields),
            Format.ContainerOfColoured => Container(time, Coloured(level, message, fields)),
            _ => Container(time, Json(time, level, message, fields)),
        };

        private static string Prefix(string level) => level switch { "warning" => "WARNING: ", "error" => "ERROR: ", _ => "" };

        private static string Coloured(string level, string message, (string Key, object Value)[] fields)
        {
            string colour = level switch { "warning" => "\u001b[0;33m", "error" => "\u001b[31;1m", _ => "\u001b[0;m" };
            return $"{colour}{Prefix(level)}{message,-50} \u001b[0;m {string.Join(' ', fields.Select(field => $"{colour}{field.Key}\u001b[0;m={field.Value}"))}";
        }

        // logrus: its own time comes first, and a field of that name is called otherwise.
        private static string Quoted(DateTimeOffset time, string level, string message, (string Key, object Value)[] fields) =>
            $"time=\"{Time(time)}\" level={level} msg={Quote(message)} {string.Join(' ', fields.Select(field => $"{Name(field.Key)}={Quote(Text(field.Value))}"))}";

        private static string Json(DateTimeOffset time, string level, string message, (string Key, object Value)[] fields) =>
            "{" + string.Join(',', fields.Append(("level", level)).Append(("msg", message)).Append(("time", Time(time))).Select(field => $"{Escape(field.Item1 == "time" && field.Item2 is string text && text.EndsWith('s') ? "fields.time" : field.Item1)}:{(field.Item2 is int number ? Text(number) : Value(field.Item2))}")) + "}";

        // encoding/json writes a duration as its nanoseconds.
        private static string Value(object value) => value is "31.5s" ? "31500000000" : Escape(Text(value));

        private static string Container(DateTimeOffset time, string line) => "{\"log\":" + Escape(line + "\n") + ",\"stream\":\"stderr\",\"time\":\"" + Time(time) + "\"}";

        private static string Name(string key) => key == "time" ? "fields.time" : key;

        private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + "Z";

        private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

        private static string Quote(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_' or '/' or '@' or '^' or '+') && text.Length > 0 ? text : Escape(text);

        private static string Escape(string text)
        {
            StringBuilder escaped = new("\"");
            foreach (char letter in text)
            {
                escaped.Append(letter switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\u001b' => "\\u001b", _ => letter.ToString() });
            }
            return escaped.Append('"').ToString();
        }
    }
}
