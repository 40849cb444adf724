using CiMetrics.RunnerExporter.Simulator.Engine;

namespace CiMetrics.RunnerExporter.Simulator.Traffic;

/// <summary>Builds that come and go as on a host with several runners, each of which runs one build at a time.</summary>
internal sealed class BuildTraffic(DockerSimulator simulator, SimulatorOptions options, EngineClock clock)
{
    private static readonly Workload Quiet = new() { Cores = 0.03, Swing = 0.5, ReceiveRate = 4_000, SendRate = 9_000, ReadRate = 0, WriteRate = 2_000 };

    /// <summary>What else runs on such a host: to be left alone by an observer of builds.</summary>
    public static void StartOthers(DockerSimulator simulator)
    {
        simulator.StartContainer("bitbucket-runner", settings =>
        {
            settings.Image = "atlassian/bitbucket-pipelines-runner:3";
            settings.Command = "/opt/runner/start.sh";
            settings.NetworkMode = "host";
            settings.Figures = Quiet.At;
        });
        simulator.StartContainer("registry-cache", settings =>
        {
            settings.Image = "registry:2";
            settings.Command = "registry serve /etc/registry.yml";
            settings.Figures = Quiet.At;
        });
    }

    /// <summary>Runs until it is cancelled, and ends early only when it fails.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // A Random is not for several tasks at once: each runner gets its own.
        var runners = Enumerable.Range(0, options.Builds)
            .Select(index => RunnerAsync(index, new Random(options.Random.Next()), stopping))
            .ToList();
        while (runners.Count > 0)
        {
            var ended = await Task.WhenAny(runners);
            runners.Remove(ended);
            await ended;
        }
    }

    private async Task RunnerAsync(int index, Random random, CancellationToken stopping)
    {
        string runner = BuildPlan.Uuid(random);
        try
        {
            // The first builds come at once, so that there is something to see.
            await clock.Delay(TimeSpan.FromMilliseconds(200 * index), stopping);
            while (true)
            {
                await BuildAsync(BuildPlan.Draw(runner, index, random), stopping);
                await clock.Delay(TimeSpan.FromSeconds(random.Next(1, 8)), stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping is how a runner ends.
        }
    }

    private async Task BuildAsync(BuildPlan plan, CancellationToken stopping)
    {
        string id = simulator.StartContainer(plan.Name, plan.Configure);
        var rest = plan.Duration;
        if (plan.PauseFor > TimeSpan.Zero)
        {
            var before = plan.Duration / 3;
            await clock.Delay(before, stopping);
            simulator.Pause(id);
            await clock.Delay(plan.PauseFor, stopping);
            simulator.Unpause(id);
            rest -= before;
        }

        await clock.Delay(rest, stopping);
        if (plan.RunsOutOfMemory)
            simulator.OutOfMemory(id);
        simulator.StopContainer(id, plan.ExitCode);
        await clock.Delay(TimeSpan.FromSeconds(2), stopping);
        simulator.RemoveContainer(id);
    }
}
