using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>Random builds and engine crashes: in the end the exporter shows what the engine lists, and has counted every build once.</summary>
[NonParallelizable]
public sealed class ChaosTests
{
    private const string Status = "bitbucket_agent_build_status";
    private const string Started = "bitbucket_agent_builds_started_total";

    [Test]
    public Task A_short_random_run_loses_and_doubles_nothing() => RunAsync(rounds: 25);

    [Test]
    [Category("Stress")]
    public Task A_long_random_run_loses_and_doubles_nothing() => RunAsync(rounds: 600);

    private static async Task RunAsync(int rounds)
    {
        Random random = Seed.Random(out _);
        await using Dockerd engine = await Dockerd.StartAsync();
        await using Exporter exporter = await Exporter.StartAsync(engine.Host, "-sample-interval=1s", "-reconcile-interval=1s");
        await exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_docker_up") == 1, "the engine");
        List<string> running = [];
        int started = 0;
        for (int round = 1; round <= rounds; round++)
        {
            switch (random.Next(10))
            {
                case <= 2:
                    running.Add(BuildContainer.New().Name);
                    await engine.RunAsync(running[^1], "sleep 3600", "--rm");
                    started++;
                    break;
                case <= 5:
                    await engine.RunAsync(BuildContainer.New().Name, $"sleep 0.{random.Next(1, 5)}", "--rm");
                    started++;
                    break;
                case 6 when running.Count > 0:
                    string ended = running[random.Next(running.Count)];
                    await engine.DockerAsync("kill", ended);
                    running.Remove(ended);
                    break;
                case 7 when running.Count > 0:
                    string frozen = running[random.Next(running.Count)];
                    await engine.DockerAsync("pause", frozen);
                    await engine.DockerAsync("unpause", frozen);
                    break;
                case 8 when running.Count > 0:
                    await engine.DockerAsync("update", "--cpu-quota", $"{random.Next(1, 20) * 10_000}", running[random.Next(running.Count)]);
                    break;
                case 9 when random.Next(2) == 0:
                    await engine.KillAsync();
                    await engine.LaunchAsync();
                    running.RemoveAll(_ => true); // An engine without live-restore ends what ran.
                    await exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_docker_up") == 1, "the engine's return");
                    break;
            }

            if (round % 5 == 0 || round == rounds) await CheckAsync(engine, exporter, started);
        }
    }

    private static async Task CheckAsync(Dockerd engine, Exporter exporter, int started) =>
        await Eventually.GetAsync(
            async () =>
            {
                string[] listed = (await engine.DockerAsync("ps", "--filter", "name=_build$", "--format", "{{.Names}}"))
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries);
                ScrapedText scrape = await exporter.ScrapeAsync();
                string[] shown = [.. scrape.All(Status).Where(sample => sample.Value == 1).Select(sample => $"{sample.Labels["runner_uuid"]}_{sample.Labels["pipeline_uuid"]}_build")];
                double? counted = scrape.Value(Started);
                await TestContext.Out.WriteLineAsync($"listed {listed.Length}, shown {shown.Length}, started {started}, counted {counted}");
                return listed.ToHashSet(StringComparer.Ordinal).SetEquals(shown) && counted == started ? scrape : null;
            },
            "the exporter to agree with the engine");
}
