using CiMetrics.GitHubRunner.Diag;
using CiMetrics.GitHubRunner.Runners;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.State;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests;

/// <summary>A runner's folder and what is read of it, with a clock that the test moves.</summary>
internal sealed class Story : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly List<LogFolder> _logs = [];

    public Story(FleetRules? rules = null, long largestLog = 8 << 20, bool isEphemeral = false, string name = "runner-1")
    {
        Runner = new SimulatedRunner(_folder.PathOf(name), name, isEphemeral, largestLog);
        Rules = (rules ?? new FleetRules()) with { Runners = TextSet.Of([name, .. rules?.Runners ?? TextSet.Of()]) };
        State = new FleetState(new FleetImage(), Rules, Time);
        Open();
    }

    public ManualTime Time { get; } = new(Start);

    public SimulatedRunner Runner { get; }

    public FleetRules Rules { get; }

    public FleetState State { get; private set; }

    public RunnerSnapshot Figures => State.Snapshot().Runners.Single(runner => runner.Name == Runner.Name);

    /// <summary>A moment of the story.</summary>
    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    /// <summary>Reads all that is there.</summary>
    public Story Read(bool isThere = true)
    {
        if (!State.Files.TryGetValue(Runner.Folder, out FilesRead? read)) State.Files.Add(Runner.Folder, read = new FilesRead());
        // Twice: a file is known to be done with once nothing more came.
        for (int pass = 0; pass < 2; pass++)
        {
            Time.Advance(TimeSpan.FromSeconds(3));
            foreach (LogFolder folder in _logs)
            {
                do folder.Read(State, read);
                while (folder.IsBehind);
                Assert.That(folder.Problem, isThere ? Is.Null : Is.Not.Null);
            }
        }
        return this;
    }

    /// <summary>Lets time pass in which nobody says more.</summary>
    public Story Wait(TimeSpan duration)
    {
        Time.Advance(duration);
        State.Tick();
        return this;
    }

    /// <summary>Goes on as another process, from what was kept.</summary>
    public Story Restart()
    {
        byte[] kept = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(State.Image(), FleetImageJson.Default.FleetImage);
        State = new FleetState(System.Text.Json.JsonSerializer.Deserialize(kept, FleetImageJson.Default.FleetImage)!, Rules, Time);
        Open();
        return this;
    }

    public long Jobs(JobResult result) => Figures.Jobs[(int)result];

    public void Dispose()
    {
        _logs.ForEach(log => log.Dispose());
        _folder.Dispose();
    }

    private void Open()
    {
        _logs.ForEach(log => log.Dispose());
        _logs.Clear();
        foreach (string prefix in (string[])["Worker_", "Runner_"]) _logs.Add(new LogFolder(Runner.Diag, prefix, Runner.Name, Time));
    }
}
