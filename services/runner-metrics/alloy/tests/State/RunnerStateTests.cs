using System.Text.Json;
using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Reading;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.State;

public sealed class RunnerStateTests
{
    private ManualTime _time = null!;
    private RunnerState _state = null!;

    [SetUp]
    public void SetUp()
    {
        _time = new ManualTime();
        _state = new RunnerState(new RunnerImage(), _time);
    }

    [Test]
    public void A_job_runs_from_its_reception_to_its_end()
    {
        Apply(Started(1), Started(2));
        Assert.That(Builds(), Is.EqualTo([new BuildGroup("t", "running", "unknown", 2)]));
        _time.Advance(TimeSpan.FromSeconds(90));
        Apply(Finished(1, JobResult.ScriptFailure));
        RunnerSnapshot now = _state.Snapshot();
        Assert.That(now.Running, Is.EqualTo(1));
        Assert.That(now.Finished[("t", JobResult.ScriptFailure)], Is.EqualTo(1));
        Assert.That(now.JobSeconds["t"].Sum, Is.EqualTo(90));
        Assert.That(now.Started["t"], Is.EqualTo(2));
    }

    [Test]
    public void Any_interleaving_of_jobs_ends_with_the_right_counts()
    {
        Random random = Seed.Random(out _);
        for (int round = 0; round < 300; round++)
        {
            SetUp();
            int jobs = random.Next(1, 40);
            bool isNewer = random.Next(2) == 0;
            List<Queue<RunnerEvent>> lines = [];
            Dictionary<JobResult, int> expected = [];
            for (int job = 1; job <= jobs; job++)
            {
                JobResult result = (JobResult)random.Next(5);
                expected[result] = expected.GetValueOrDefault(result) + 1;
                RunnerEvent[] story = isNewer
                    ? [Started(job), Started(job), Finished(job, result), new RunnerEvent.JobGone(job)]
                    : [Started(job), Finished(job, result)];
                lines.Add(new Queue<RunnerEvent>(story));
            }
            HashSet<int> inList = [];
            while (lines.Count > 0)
            {
                Queue<RunnerEvent> line = lines[random.Next(lines.Count)];
                RunnerEvent next = line.Dequeue();
                if (line.Count == 0) lines.Remove(line);
                _state.Apply(next);
                if (next is RunnerEvent.JobStarted started) inList.Add((int)started.Job);
                if (next is RunnerEvent.JobFinished finished) inList.Remove((int)finished.Job);
                // The runner's own count, at any moment, as it is or one line early or late.
                int lag = next is RunnerEvent.JobStarted ? -random.Next(2) : next is RunnerEvent.JobFinished ? random.Next(2) : 0;
                bool isFresh = !(isNewer && next is RunnerEvent.JobStarted or RunnerEvent.JobGone);
                if (random.Next(3) == 0) _state.Apply(new RunnerEvent.BuildCount(inList.Count + (isFresh ? lag : 0)));
                Assert.That(_state.Snapshot().Running, Is.EqualTo(inList.Count), $"round {round} after {next}");
                // A restart of ours at any moment changes nothing.
                if (random.Next(5) == 0) _state = Restart(_state);
            }
            RunnerSnapshot now = _state.Snapshot();
            Assert.That(now.Running, Is.Zero);
            Assert.That(now.Started["t"], Is.EqualTo(jobs));
            Assert.That(now.Finished.ToDictionary(count => count.Key.Result, count => (int)count.Value), Is.EquivalentTo(expected));
            Assert.That((now.ReconciledMissing, now.ReconciledSurplus), Is.EqualTo((0, 0)));
        }
    }

    [Test]
    public void The_runners_own_count_corrects_ours()
    {
        // We began to look when two jobs ran already.
        Apply(new RunnerEvent.BuildCount(2));
        Assert.That(Builds(), Is.EqualTo([new BuildGroup("", "running", "unknown", 2)]));
        Apply(Finished(7, JobResult.Success), Started(8), new RunnerEvent.BuildCount(2));
        Assert.That(_state.Snapshot().Running, Is.EqualTo(2));
        // A line was lost: the runner has one job less than we think.
        Apply(Started(9), new RunnerEvent.BuildCount(3), new RunnerEvent.BuildCount(1));
        Assert.That(_state.Snapshot().Running, Is.EqualTo(1));
        Assert.That((_state.Snapshot().ReconciledMissing, _state.Snapshot().ReconciledSurplus), Is.EqualTo((2, 2)));
        Assert.That(_state.Snapshot().Finished[("t", JobResult.Success)], Is.EqualTo(1));
    }

    [Test]
    public void A_restart_of_the_runner_resets_gauges_and_keeps_counters()
    {
        Apply(new RunnerEvent.ProcessChanged(10, 100, _time.GetUtcNow()), Started(1), Started(2), Finished(2, JobResult.Success));
        Apply(new RunnerEvent.MachineCreated("runner-a", 30), new RunnerEvent.MachineUsed("runner-a", 1));
        _time.Advance(TimeSpan.FromSeconds(10));
        DateTimeOffset began = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(1));
        // The log may tell of the new process's job before the process is looked at.
        Apply(new RunnerEvent.RunnerStarted(), Started(3));
        Apply(new RunnerEvent.ProcessChanged(11, 110, began));
        RunnerSnapshot now = _state.Snapshot();
        Assert.That(now.Running, Is.EqualTo(1));
        Assert.That(now.Restarts, Is.EqualTo(1));
        Assert.That(now.Started["t"], Is.EqualTo(3));
        Assert.That(now.Machines[0].InUse, Is.Zero);
        Assert.That((now.Machines[0].Created, now.Machines[0].Used, now.Machines[0].Idle), Is.EqualTo((1, 1, 1)));
        // The same process once more is no restart, nor is it after a restart of ours.
        Apply(new RunnerEvent.ProcessChanged(11, 110, began));
        _state = Restart(_state);
        Apply(new RunnerEvent.ProcessChanged(11, 110, began));
        Assert.That(_state.Snapshot().Restarts, Is.EqualTo(1));
        Apply(new RunnerEvent.ProcessGone());
        Assert.That(_state.Snapshot().Running, Is.Zero);
    }

    [Test]
    public void A_process_that_was_never_seen_takes_no_jobs_away()
    {
        Apply(Started(1), new RunnerEvent.ProcessGone());
        Assert.That(_state.Snapshot().Running, Is.EqualTo(1));
    }

    [Test]
    public void What_is_seen_at_work_gives_state_and_stage()
    {
        Apply(Started(1), Started(2), Started(3), new RunnerEvent.JobsSeen(JobSight.Processes, [new SeenJob("a", null, "build_script"), new SeenJob("b", 3, "get_sources")]));
        Assert.That(Builds(), Is.EquivalentTo(new[] { new BuildGroup("t", "pending", "", 1), new BuildGroup("t", "running", "build_script", 1), new BuildGroup("t", "running", "get_sources", 1) }));
        // A shell that is no job that we know of is none.
        Apply(Finished(1, JobResult.Success), Finished(2, JobResult.Success), Finished(3, JobResult.Success));
        Assert.That(Builds(), Is.Empty);
    }

    [Test]
    public void Each_executors_jobs_are_looked_for_where_they_run()
    {
        Use("shell", "docker", "kubernetes", "docker-ssh");
        Apply(Of(1, "shell"), Of(2, "docker"), Of(3, "kubernetes"), Of(4, "docker-ssh"));
        Assert.That(Builds(), Has.All.Matches<BuildGroup>(build => build is { State: "running", Stage: "unknown" }));
        Apply(new RunnerEvent.JobsSeen(JobSight.Processes, []));
        Assert.That(Stages(), Is.EqualTo(new[] { "pending ", "running unknown", "running unknown", "running unknown" }));
        Apply(new RunnerEvent.JobsSeen(JobSight.Containers, [new SeenJob("job 4", 4, "build_script")]));
        Assert.That(Stages(), Is.EqualTo(new[] { "pending ", "pending ", "running unknown", "running unknown" }));
        // A shell that tells no job is one of the shell executor's; a container always tells.
        Apply(new RunnerEvent.JobsSeen(JobSight.Processes, [new SeenJob("process", null, "get_sources")]), new RunnerEvent.JobsSeen(JobSight.Containers, [new SeenJob("job 2", 2, "after_script")]));
        Assert.That(Stages(), Is.EqualTo(new[] { "running get_sources", "running after_script", "running unknown", "pending " }));
        Apply(new RunnerEvent.JobsSeen(JobSight.Containers, null));
        Assert.That(Stages(), Is.EqualTo(new[] { "running get_sources", "running unknown", "running unknown", "running unknown" }));

        RunnerEvent Of(long job, string executor) => new RunnerEvent.JobStarted(job, executor + "-tok");

        string[] Stages() =>
            [.. new[] { "shell-tok", "docker-tok", "kubernetes-tok", "docker-ssh-tok" }.Select(runner => Builds().Single(build => build.Runner == runner)).Select(build => $"{build.State} {build.Stage}")];
    }

    [Test]
    public void A_container_is_that_of_a_job_that_is_only_counted_unless_its_job_has_ended()
    {
        Use("docker");
        Apply(Started(1), Finished(1, JobResult.Success), new RunnerEvent.BuildCount(0), new RunnerEvent.BuildCount(1));
        Apply(new RunnerEvent.JobsSeen(JobSight.Containers, [new SeenJob("job 1", 1, "build_script")]));
        Assert.That(Builds().Single(), Is.EqualTo(new BuildGroup("", "pending", "", 1)));
        Apply(new RunnerEvent.JobsSeen(JobSight.Containers, [new SeenJob("job 1", 1, "build_script"), new SeenJob("job 9", 9, "get_sources")]));
        Assert.That(Builds().Single(), Is.EqualTo(new BuildGroup("", "running", "get_sources", 1)));
    }

    [Test]
    public void A_stage_that_was_under_way_or_was_lost_from_sight_is_not_measured()
    {
        Apply(new RunnerEvent.JobsSeen(JobSight.Containers, []));
        See(new SeenJob("job 1", 1, "get_sources") { IsFresh = false });
        See(new SeenJob("job 1", 1, "build_script"));
        See(new SeenJob("job 1", 1, "build_script") { IsBetween = true });
        See(new SeenJob("job 1", 1, "after_script"));
        Apply(new RunnerEvent.JobsSeen(JobSight.Containers, null));
        Assert.That(_state.Snapshot().StageSeconds.ToDictionary(stage => stage.Key, stage => stage.Value.Sum, StringComparer.Ordinal), Is.EqualTo(new Dictionary<string, double>(StringComparer.Ordinal) { ["build_script"] = 5 }));

        void See(SeenJob job)
        {
            Apply(new RunnerEvent.JobsSeen(JobSight.Containers, [job]));
            _time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    [Test]
    public void Stages_are_measured_from_change_to_change()
    {
        Look("get_sources", 0);
        Look("build_script", 3);
        Look("build_script", 10);
        Look("upload_artifacts", 5);
        Apply(new RunnerEvent.JobsSeen(JobSight.Processes, []));
        RunnerSnapshot now = _state.Snapshot();
        // The first was under way when we first looked: how long is not known.
        Assert.That(now.StageSeconds.Keys, Is.EquivalentTo(new[] { "build_script", "upload_artifacts" }));
        Assert.That(now.StageSeconds["build_script"].Sum, Is.EqualTo(15));
        void Look(string stage, int after)
        {
            _time.Advance(TimeSpan.FromSeconds(after));
            Apply(new RunnerEvent.JobsSeen(JobSight.Processes, [new SeenJob("a", null, stage)]));
        }
    }

    [Test]
    public void A_runner_that_began_anew_has_stages_that_were_seen_to_begin()
    {
        Apply(new RunnerEvent.JobsSeen(JobSight.Processes, [new SeenJob("a", null, "get_sources")]), new RunnerEvent.RunnerStarted());
        Apply(new RunnerEvent.JobsSeen(JobSight.Processes, [new SeenJob("b", null, "build_script")]));
        _time.Advance(TimeSpan.FromSeconds(5));
        Apply(new RunnerEvent.JobsSeen(JobSight.Processes, []));
        Assert.That(_state.Snapshot().StageSeconds.ToDictionary(stage => stage.Key, stage => stage.Value.Sum, StringComparer.Ordinal), Is.EqualTo(new Dictionary<string, double>(StringComparer.Ordinal) { ["build_script"] = 5 }));
    }

    [Test]
    public void Machines_are_counted_exactly_and_their_states_add_up()
    {
        Apply(new RunnerEvent.MachineCreated("runner-a", 30), new RunnerEvent.MachineCreated("runner-b", 100), new RunnerEvent.MachineUsed("runner-a", 5), Started(5));
        Apply(new RunnerEvent.MachinesSeen(new MachineCounts(4, 1, 0), new MachineCounts(0, 0, 0)));
        MachineFigures docker = _state.Snapshot().Machines[0];
        Assert.That((docker.Created, docker.Used, docker.Removed, docker.InUse, docker.Creating, docker.Removing, docker.Idle), Is.EqualTo((2, 1, 0, 1, 1, 0, 2)));
        Assert.That(docker.CreationSeconds.Sum, Is.EqualTo(130));
        Apply(Finished(5, JobResult.Success), new RunnerEvent.MachineRemoving("runner-a"), new RunnerEvent.MachinesSeen(null, null));
        docker = _state.Snapshot().Machines[0];
        Assert.That((docker.InUse, docker.Removing, docker.Idle), Is.EqualTo((0, 1, 1)));
        Apply(new RunnerEvent.MachineRemoved("runner-a"));
        docker = _state.Snapshot().Machines[0];
        Assert.That((docker.Removed, docker.Removing, docker.Idle), Is.EqualTo((1, 0, 1)));
        // A preparation that is tried again counts each time; its name is not believed.
        Apply(new RunnerEvent.MachineUsed("runner-nowhere", 6), new RunnerEvent.MachineUsed("runner-nowhere", 6));
        Assert.That((_state.Snapshot().Machines[0].Used, _state.Snapshot().Machines[0].InUse), Is.EqualTo((3, 0)));
    }

    [Test]
    public void Machines_of_the_ssh_executor_are_known_by_their_runners_token()
    {
        _state.Use(new AlloyRunner.Config.RunnerConfig { Runners = [new("sshtoken1", "s", "docker-ssh+machine", 0, 1, null)] });
        Apply(new RunnerEvent.MachineCreated("runner-sshtoken-x-1", 30), new RunnerEvent.MachineCreated("runner-other123-x-1", 30));
        Assert.That(_state.Snapshot().Machines.Select(machines => (machines.IsSsh, machines.Created)), Is.EqualTo([(false, 1L), (true, 1L)]));
    }

    [Test]
    public void More_runners_than_the_cap_are_folded()
    {
        for (int i = 0; i < 150; i++) Apply(new RunnerEvent.JobStarted(i + 1, $"runner{i}"));
        RunnerSnapshot now = _state.Snapshot();
        Assert.That(now.Started, Has.Count.EqualTo(RunnerNames.Most + 1));
        Assert.That(now.Started[RunnerNames.Other], Is.EqualTo(50));
        Assert.That(now.FoldedRunners, Is.EqualTo(50));
    }

    [Test]
    public void A_job_ends_once_however_often_it_is_told()
    {
        Apply(Started(1), Finished(1, JobResult.ScriptFailure), Finished(1, JobResult.Success), new RunnerEvent.JobGone(1), Started(1));
        RunnerSnapshot now = _state.Snapshot();
        Assert.That(now.Finished, Has.Count.EqualTo(1));
        Assert.That((now.Running, now.Started["t"]), Is.EqualTo((0, 1)));
    }

    [Test]
    public void Everything_survives_a_restart_of_ours()
    {
        Apply(Started(1), Started(2), Finished(1, JobResult.TimedOut), new RunnerEvent.MachineCreated("runner-a", 31), new RunnerEvent.MachineUsed("runner-a", 2), new RunnerEvent.BuildCount(3));
        Apply(new RunnerEvent.Contact(true) { When = _time.GetUtcNow() }, new RunnerEvent.Contact(false), new RunnerEvent.ConfigRead(false) { When = _time.GetUtcNow() });
        Apply(new RunnerEvent.JobStarted(9, "u") { QueueSeconds = 4 });
        _state.CountLine(LineLevel.Error);
        _state.CountUnparsed();
        string before = Text(_state.Snapshot());
        Assert.That(Text(Restart(_state).Snapshot()), Is.EqualTo(before));
        Assert.That(before, Does.Contain("\"UnparsedLines\":1"));
    }

    private static string Text(RunnerSnapshot snapshot) => JsonSerializer.Serialize(new
    {
        Finished = snapshot.Finished.Select(each => $"{each.Key} {each.Value}"),
        snapshot.Builds,
        snapshot.Running,
        snapshot.Started,
        snapshot.JobSeconds,
        snapshot.StageSeconds,
        snapshot.QueueSeconds,
        snapshot.Errors,
        snapshot.Machines,
        snapshot.LastContact,
        snapshot.ContactFailures,
        snapshot.ConfigOk,
        snapshot.ConfigReadAt,
        snapshot.Restarts,
        snapshot.ReconciledMissing,
        snapshot.ReconciledSurplus,
        snapshot.UnparsedLines,
        snapshot.FoldedRunners,
    });

    private RunnerState Restart(RunnerState state)
    {
        byte[] kept = JsonSerializer.SerializeToUtf8Bytes(state.Image(), RunnerImageJson.Default.RunnerImage);
        return new RunnerState(JsonSerializer.Deserialize(kept, RunnerImageJson.Default.RunnerImage)!, _time);
    }

    private IReadOnlyList<BuildGroup> Builds() => _state.Snapshot().Builds;

    private void Apply(params RunnerEvent[] events)
    {
        foreach (RunnerEvent happened in events) _state.Apply(happened.When is null && happened is not RunnerEvent.ProcessChanged ? happened with { When = _time.GetUtcNow() } : happened);
    }

    private RunnerEvent.JobStarted Started(long job) => new RunnerEvent.JobStarted(job, "t") { When = _time.GetUtcNow() };

    private RunnerEvent.JobFinished Finished(long job, JobResult result) => new RunnerEvent.JobFinished(job, "t", result) { When = _time.GetUtcNow() };

    private void Use(params string[] executors) => _state.Use(new RunnerConfig { Runners = [.. executors.Select(executor => new RunnerEntry(executor + "-tok", executor, executor, 0, 1, null))] });
}
