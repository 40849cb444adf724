using System.IO.Pipelines;
using System.Text;
using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Metrics;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Metrics;

public sealed class BuildCollectorTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Test]
    public async Task The_ten_metrics_of_the_users_document_to_the_letter()
    {
        BuildState state = Busy();
        Golden.Check(await TextAsync(state.Snapshot()), "builds.golden");
    }

    [Test]
    public async Task An_idle_engine_and_one_that_does_not_answer_look_different()
    {
        BuildState state = new(FinishedRetention.Default);
        state.Apply(new BuildEvent.EngineUp());
        string idle = await TextAsync(state.Snapshot());
        Assert.That(idle, Does.Contain("bitbucket_agent_build_status{runner_uuid=\"\",pipeline_uuid=\"\",environment=\"production\"} 0\n"));
        Assert.That(idle, Does.Contain("bitbucket_agent_docker_up{environment=\"production\"} 1\n"));

        state.Apply(new BuildEvent.EngineDown());
        string down = await TextAsync(state.Snapshot());
        Assert.That(down, Does.Not.Contain("bitbucket_agent_build_status{"));
        Assert.That(down, Does.Contain("bitbucket_agent_docker_up{environment=\"production\"} 0\n"));
    }

    [Test]
    public async Task A_build_without_a_sample_shows_its_status_and_limits_and_no_zeros()
    {
        BuildState state = new(FinishedRetention.Default);
        state.Apply(new BuildEvent.EngineUp());
        state.Apply(new BuildEvent.Running(Facts(1)));
        string text = await TextAsync(state.Snapshot());
        string[] series = [.. text.Split('\n').Where(line => line.StartsWith("bitbucket_agent_build_", StringComparison.Ordinal)).Select(line => line.Split('{')[0])];
        Assert.That(series, Is.EquivalentTo(new[] { "bitbucket_agent_build_status", "bitbucket_agent_build_cpu_limit_cores", "bitbucket_agent_build_memory_limit" }));
    }

    [Test]
    public async Task Both_independent_parsers_read_the_same_series()
    {
        ParsedBody text = await PythonParser.TextAsync(await TextAsync(Busy().Snapshot()));
        ParsedBody openMetrics = await PythonParser.OpenMetricsAsync(await TextAsync(Busy().Snapshot(), "application/openmetrics-text; version=1.0.0"));
        Assert.That(text.Error, Is.Null);
        Assert.That(openMetrics.Error, Is.Null);
        Assert.That(openMetrics.Samples.Select(Series), Is.EquivalentTo(text.Samples.Select(Series)));

        static string Series(ParsedSample sample) =>
            $"{sample.Name} {string.Join(',', sample.Labels.Select(label => $"{label.Key}={label.Value}"))} {sample.Value}";
    }

    private static BuildState Busy()
    {
        BuildState state = new(FinishedRetention.Default);
        state.Apply(new BuildEvent.EngineUp());
        state.Apply(new BuildEvent.Running(Facts(1)));
        state.Apply(new BuildEvent.Running(Facts(2) with { Id = "b", NetworkMode = "host" }));
        Sample(state, "a", 1, 0, network: 0);
        Sample(state, "a", 3, 2_500_000_000, network: 1_048_576);
        Sample(state, "b", 2, 1_000_000_000, network: null);
        return state;
    }

    private static void Sample(BuildState state, string id, int at, long cpu, long? network) => state.Apply(new BuildEvent.Sampled(id, Start, SampleOutcome.Taken(new ContainerSample
    {
        Source = SampleSource.CgroupFiles,
        Time = Start.AddSeconds(at),
        ReadNanoseconds = at * 1_000_000_000L,
        CpuUsageNanoseconds = cpu,
        MemoryUsageBytes = 1_073_741_824,
        NetworkReceiveBytes = network,
        NetworkTransmitBytes = network * 2,
        BlockInputBytes = 5_242_880,
        BlockOutputBytes = 1_048_576,
        Pids = 42,
    })));

    private static BuildFacts Facts(int pipeline) => new(
        "a", new BuildName("01e28ace-9bfd-5c00-9707-c8fa17f8e99e", $"b723372a-da8e-41ad-9780-{pipeline:d12}"), 1234, Start, Paused: false, 2, 2_147_483_648, "bridge");

    private static async Task<string> TextAsync(BuildSnapshot snapshot, string accept = "text/plain")
    {
        CollectorRegistry registry = new(new Dictionary<string, string>(StringComparer.Ordinal) { ["environment"] = "production" });
        registry.Register(new BuildCollector(() => snapshot));
        using Scrape scrape = await registry.ScrapeAsync(ContentNegotiation.Choose(accept, null, openMetricsEnabled: true), CancellationToken.None);
        using MemoryStream body = new();
        PipeWriter writer = PipeWriter.Create(body);
        await scrape.CopyToAsync(writer, CancellationToken.None);
        await writer.FlushAsync();
        return string.Join('\n', Encoding.UTF8.GetString(body.ToArray()).Split('\n').Where(line => !line.Contains("exporter_", StringComparison.Ordinal)));
    }
}
