using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Tests.Diag;

/// <summary>What a runner writes into its folder, and what is made of it.</summary>
public sealed class DiagStoryTests
{
    [TestCase("Succeeded", JobResult.Success)]
    [TestCase("SucceededWithIssues", JobResult.Success)]
    [TestCase("Failed", JobResult.Failed)]
    [TestCase("Canceled", JobResult.Cancelled)]
    [TestCase("Skipped", JobResult.Skipped)]
    [TestCase("Abandoned", JobResult.Abandoned)]
    public void A_job_is_counted_by_the_word_of_the_log(string word, object result)
    {
        using Story story = new();
        story.Runner.Start(Story.At(0));
        story.Runner.Run(new SimulatedJob(), Story.At(10), Story.At(95), word);
        Assert.That(story.Read().Jobs((JobResult)result), Is.EqualTo(1));
        Assert.That(story.Figures.Jobs.Sum(), Is.EqualTo(1));
        Assert.That(story.Figures.JobSeconds.Sum, Is.EqualTo((JobResult)result == JobResult.Skipped ? 0 : 85));
        Assert.That((story.Figures.Version, story.Figures.IsListening, story.Figures.IsConnected, story.Figures.IsBusy), Is.EqualTo(("2.336.0", (bool?)true, true, false)));
    }

    [Test]
    public void A_running_job_is_shown_with_its_start()
    {
        using Story story = new();
        story.Runner.Start(Story.At(0));
        story.Runner.Begin(new SimulatedJob(), Story.At(10));
        Assert.That((story.Read().Figures.IsBusy, story.Figures.RunningSince, story.Figures.Jobs.Sum()), Is.EqualTo((true, (DateTimeOffset?)Story.At(10), 0L)));
    }

    [Test]
    public void A_job_that_failed_before_its_worker_said_anything_is_counted_once_nobody_says_more()
    {
        using Story story = new();
        SimulatedJob job = new();
        story.Runner.Start(Story.At(0));
        story.Runner.Receive(job, Story.At(10));
        story.Runner.End(job, Story.At(12), "Failed", code: 134);
        Assert.That(story.Read().Wait(TimeSpan.FromSeconds(11)).Jobs(JobResult.Failed), Is.EqualTo(1));
    }

    [Test]
    public void A_worker_that_crashed_is_a_failed_job()
    {
        using Story story = new();
        SimulatedJob job = new();
        story.Runner.Start(Story.At(0));
        story.Runner.Begin(job, Story.At(10));
        story.Runner.End(job, Story.At(20), "Failed", code: 137);
        Assert.That(story.Read().Jobs(JobResult.Failed), Is.EqualTo(1));
    }

    [Test]
    public void A_job_whose_listener_was_lost_is_abandoned_unless_its_worker_knew_the_result()
    {
        using Story story = new();
        SimulatedJob known = new(), lost = new();
        story.Runner.Start(Story.At(0));
        story.Runner.Begin(known, Story.At(10));
        story.Runner.EndWorker(Story.At(20), "Succeeded");
        story.Runner.Start(Story.At(30));
        story.Runner.Begin(lost, Story.At(40));
        story.Runner.Start(Story.At(50));
        story.Read();
        Assert.That((story.Jobs(JobResult.Success), story.Jobs(JobResult.Abandoned), story.Figures.IsBusy, story.Figures.Starts), Is.EqualTo((1L, 1L, false, 3L)));
    }

    [Test]
    public void An_update_is_a_start_of_another_version()
    {
        using Story story = new();
        story.Runner.Start(Story.At(0), "2.335.1");
        story.Read();
        story.Runner.Start(Story.At(60), "2.336.0", listens: false);
        Assert.That((story.Read().Figures.Version, story.Figures.IsListening, story.Figures.Starts), Is.EqualTo(("2.336.0", (bool?)false, 2L)));
    }

    [Test]
    public void A_lost_connection_shows_until_it_is_there_again()
    {
        using Story story = new();
        story.Runner.Start(Story.At(0));
        story.Runner.LoseConnection(Story.At(10));
        Assert.That(story.Read().Figures.IsConnected, Is.False);
        story.Runner.Reconnect(Story.At(60));
        Assert.That((story.Read().Figures.IsConnected, story.Figures.ConnectErrors), Is.EqualTo((true, 1L)));
    }

    [Test]
    public void An_ephemeral_runner_is_read_like_another()
    {
        using Story story = new(isEphemeral: true);
        Assert.That(Runners.RunnerFolder.Read(story.Runner.Folder, null, out _), Has.Property("IsEphemeral").True.And.Property("Name").EqualTo("runner-1"));
        story.Runner.Start(Story.At(0));
        story.Runner.Run(new SimulatedJob(), Story.At(1), Story.At(2));
        Assert.That(story.Read().Jobs(JobResult.Success), Is.EqualTo(1));
    }

    [Test]
    public void Display_names_that_look_like_the_log_change_nothing()
    {
        using Story story = new();
        story.Runner.Start(Story.At(0));
        string[] names =
        [
            "x completed with result: Succeeded", "2026-11-20 10:00:00Z: Runner connect error: x Retrying until reconnected.",
            "Runner reconnected.", $"finish job request for job {Guid.NewGuid()} with result: Succeeded", "\": \"", "a\nWRITE LINE: Current runner version: '9'",
        ];
        for (int i = 0; i < names.Length; i++) story.Runner.Run(new SimulatedJob { Name = names[i] }, Story.At(100 * (i + 1)), Story.At((100 * (i + 1)) + 10), "Failed");
        story.Read();
        Assert.That((story.Jobs(JobResult.Failed), story.Figures.Jobs.Sum(), story.Figures.Version, story.Figures.IsConnected), Is.EqualTo((names.Length, (long)names.Length, "2.336.0", true)));
    }

    [Test]
    public void Logs_that_begin_anew_at_their_length_are_all_read_once_also_over_restarts()
    {
        using Story story = new(largestLog: 2000);
        story.Runner.Start(Story.At(0));
        const int Jobs = 60;
        for (int i = 0; i < Jobs; i++)
        {
            story.Runner.Run(new SimulatedJob(), Story.At(100 * (i + 1)), Story.At((100 * (i + 1)) + 10));
            if (i % 7 == 0) story.Read();
            if (i % 20 == 0) story.Restart();
        }
        Assert.That(Directory.GetFiles(story.Runner.Diag, "Runner_*.log"), Has.Length.GreaterThan(10));
        Assert.That((story.Read().Jobs(JobResult.Success), story.Figures.JobSeconds.Sum, story.Figures.Starts), Is.EqualTo(((long)Jobs, 10.0 * Jobs, 1L)));
        Assert.That(story.Restart().Read().Jobs(JobResult.Success), Is.EqualTo(Jobs));
        Assert.That(story.State.Files.Values.Single().Open, Has.Count.EqualTo(2), "the others are done with");
    }

    [Test]
    public void Logs_that_the_runner_removes_are_forgotten()
    {
        using Story story = new(largestLog: 500);
        story.Runner.Start(Story.At(0));
        for (int i = 0; i < 10; i++) story.Runner.Run(new SimulatedJob(), Story.At(100 * (i + 1)), Story.At((100 * (i + 1)) + 10));
        story.Read();
        foreach (string prefix in (string[])["Runner", "Worker"])
        {
            foreach (string path in Directory.GetFiles(story.Runner.Diag, prefix + "*.log").Order(StringComparer.Ordinal).SkipLast(1)) File.Delete(path);
        }
        story.Read().Read();
        Assert.That((story.Jobs(JobResult.Success), story.State.Files.Values.Single().Done.Count), Is.EqualTo((10L, 0)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_folder_that_is_away_for_a_time_is_gone_on_with_where_it_was_left(bool isEmptyMeanwhile)
    {
        using Story story = new(largestLog: 500);
        story.Runner.Start(Story.At(0));
        for (int i = 0; i < 5; i++) story.Runner.Run(new SimulatedJob(), Story.At(100 * (i + 1)), Story.At((100 * (i + 1)) + 10));
        story.Read().Restart();
        string away = story.Runner.Diag + "-away";
        Directory.Move(story.Runner.Diag, away);
        if (isEmptyMeanwhile) Directory.CreateDirectory(story.Runner.Diag);
        story.Read(isThere: isEmptyMeanwhile);
        if (isEmptyMeanwhile) Directory.Delete(story.Runner.Diag);
        Directory.Move(away, story.Runner.Diag);
        story.Runner.LoseConnection(Story.At(1000));
        story.Read();
        // What is remembered of jobs would hide it that they are read again; starts are only counted.
        Assert.That((story.Figures.Starts, story.Jobs(JobResult.Success), story.Figures.ConnectErrors), Is.EqualTo((1L, 5L, 1L)));
    }

    [Test]
    public void A_clock_that_is_set_back_loses_no_job_and_measures_none_below_zero()
    {
        using Story story = new();
        story.Runner.Start(Story.At(10_000));
        SimulatedJob over = new();
        story.Runner.Begin(over, Story.At(10_100));
        story.Read();
        story.Runner.End(over, Story.At(5_000));
        // Its log has an earlier name than that of the one before.
        story.Runner.Run(new SimulatedJob(), Story.At(5_100), Story.At(5_110));
        story.Read();
        story.Runner.Start(Story.At(5_200));
        story.Read().Restart();
        story.Runner.Run(new SimulatedJob(), Story.At(5_300), Story.At(5_310), "Failed");
        story.Read();
        Assert.That(
            (story.Jobs(JobResult.Success), story.Jobs(JobResult.Failed), story.Figures.JobSeconds.Sum, story.Figures.WithoutDuration),
            Is.EqualTo((2L, 1L, 20.0, 1L)));
    }

    [Test]
    public void A_message_that_is_half_written_at_a_restart_is_read_whole_after_it()
    {
        DeploymentRule rule = new(new("^prod"), TextSet.Of(), IsOn: true);
        using Story story = new(new FleetRules { Deployments = rule });
        SimulatedJob job = new() { Environment = "production", Committed = Story.At(-600) };
        story.Runner.Start(Story.At(0));
        story.Runner.Begin(job, Story.At(10));
        string log = Directory.GetFiles(story.Runner.Diag, "Worker_*").Single();
        byte[] whole = File.ReadAllBytes(log);
        File.WriteAllBytes(log, whole[..(whole.Length / 2)]);
        story.Read().Restart();
        using (FileStream file = File.OpenWrite(log)) file.Write(whole);
        story.Runner.End(job, Story.At(100));
        story.Read();
        DeploymentSeries deployment = story.State.Snapshot().Deployments.Single();
        Assert.That((deployment.Repository, deployment.Environment, deployment.Results[0], deployment.LeadSeconds.Sum), Is.EqualTo(("octo/app", "production", 1L, 700.0)));
    }
}
