using System.IO.Pipelines;
using System.Text;
using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Metrics;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Metrics;

/// <summary>Everything beyond the users' document, of one running build and one that has ended, with every figure known.</summary>
public sealed class WholeOutputTests
{
    private const string Runner = "01e28ace-9bfd-5c00-9707-c8fa17f8e99e";
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Test]
    public async Task Details_totals_and_health_are_the_golden_ones() => Golden.Check(await TextAsync("text/plain"), "details.golden");

    [Test]
    public async Task Every_family_that_is_declared_has_a_series_here()
    {
        string text = await TextAsync("text/plain");
        string[] silent = [.. DetailFamilies.All.Concat(RunnerFamilies.All).Concat(HealthFamilies.All)
            .Select(family => family.Name)
            .Where(name => !text.Split('\n').Any(line => line.StartsWith(name, StringComparison.Ordinal)))];
        Assert.That(silent, Is.Empty);
    }

    [Test]
    public async Task Both_independent_parsers_read_it()
    {
        Assert.That((await PythonParser.TextAsync(await TextAsync("text/plain"))).Error, Is.Null);
        Assert.That((await PythonParser.OpenMetricsAsync(await TextAsync("application/openmetrics-text; version=1.0.0"))).Error, Is.Null);
    }

    private static async Task<string> TextAsync(string accept)
    {
        BuildState state = new(FinishedRetention.Default);
        foreach (BuildEvent @event in Story()) state.Apply(@event);
        BuildSnapshot snapshot = state.Snapshot();
        Trouble trouble = new();
        trouble.Count(ErrorReason.EngineTimeout, 2);
        trouble.CountReconnect();
        ManualTime time = new(Start.AddSeconds(107.5));
        CollectorRegistry registry = new();
        registry.Register(new DetailCollector(() => snapshot));
        registry.Register(new RunnerCollector(() => snapshot));
        HostView view = new(FigureSource.Cgroup, "v2", FinalSample: true, "a test");
        registry.Register(new HealthCollector(() => snapshot, trouble, view, time));
        using Scrape scrape = await registry.ScrapeAsync(ContentNegotiation.Choose(accept, null, openMetricsEnabled: true), CancellationToken.None);
        using MemoryStream body = new();
        PipeWriter writer = PipeWriter.Create(body);
        await scrape.CopyToAsync(writer, CancellationToken.None);
        await writer.FlushAsync();
        return string.Join('\n', Encoding.UTF8.GetString(body.ToArray()).Split('\n').Where(line => !line.Contains("exporter_", StringComparison.Ordinal)));
    }

    private static IEnumerable<BuildEvent> Story() =>
    [
        new BuildEvent.Clock(Start.AddSeconds(-1)),
        new BuildEvent.EngineUp(),
        new BuildEvent.Running(Facts("a", 1)),
        new BuildEvent.Running(Facts("b", 2)),
        Sample("a", 7),
        Sample("b", 42),
        new BuildEvent.Paused("b", IsPaused: true),
        new BuildEvent.Clock(Start.AddSeconds(100)),
        Sample("b", 100),
        new BuildEvent.Ended("a", Start.AddSeconds(42.5), 3),
    ];

    private static BuildEvent.Sampled Sample(string id, int at) => new(id, Start, SampleOutcome.Taken(new ContainerSample
    {
        Source = SampleSource.CgroupFiles,
        Time = Start.AddSeconds(at),
        ReadNanoseconds = at * 1_000_000_000L,
        CpuUsageNanoseconds = at * 1_500_000_000L,
        MemoryUsageBytes = 1_073_741_824,
        NetworkReceiveBytes = 1_000_000 + at,
        NetworkTransmitBytes = 2_000_000 + at,
        BlockInputBytes = 5_242_880,
        BlockOutputBytes = 1_048_576,
        Pids = 42,
        PidsLimit = 4096,
        CpuPeriods = 40,
        ThrottledPeriods = 30,
        ThrottledNanoseconds = 2_500_000_000,
        InactiveFileBytes = 73_741_824,
        AnonymousBytes = 500_000_000,
        PeakBytes = 2_000_000_000,
        MemoryFailures = 12,
        OomKills = 1,
        CpuPressure = new(1_250_000, 250_000),
        MemoryPressure = new(2_500_000, 500_000),
        BlockPressure = new(3_750_000, 750_000),
    }));

    private static BuildFacts Facts(string id, int pipeline) => new(
        id, new BuildName(Runner, $"b723372a-da8e-41ad-9780-{pipeline:d12}"), 1234, Start, Paused: false, 2, 2_147_483_648, "bridge");
}
