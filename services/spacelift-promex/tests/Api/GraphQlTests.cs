using System.Text;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Tests.Api;

/// <summary>Whatever an answer holds, reading it gives a value or an error, and never an exception.</summary>
public sealed class GraphQlTests
{
    private static readonly Operation<WorkerPoolsData> Pools = new("worker_pools", ApiJson.Default.WorkerPoolsData, AnswerLimits.Problem);
    private static readonly Operation<MetricsData> Metrics = new("metrics", ApiJson.Default.MetricsData, AnswerLimits.Problem);
    private static readonly Operation<DriftData> Drift = new("drift", ApiJson.Default.DriftData, data => AnswerLimits.Problem(data.SearchManagedEntities));

    [TestCase("""{"data":null,"errors":[{"message":"x","path":["\ud800"]}]}""", "not a GraphQL answer")]
    [TestCase("""{"data":null,"errors":[{"message":"\ud800"}]}""", "not a GraphQL answer")]
    [TestCase("""{"data":null,"errors":[null]}""", "no message")]
    [TestCase("""{"data":null,"errors":[{"message":"x","path":"usage"}]}""", "x")]
    [TestCase("""{"data":null,"errors":[{"message":"x","path":["workerPools",3,{"a":[1]},null,1e99]}]}""", "x (at workerPools.3.?.?.?)")]
    [TestCase("""{"data":null,"errors":"unauthorized"}""", "neither data nor errors")]
    [TestCase("""{"data":{"workerPools":[null]}}""", "null in a list of pools or workers")]
    [TestCase("""{"data":{"workerPools":[{"id":"a","name":"b","pendingRuns":0,"busyWorkers":0,"workers":[null]}]}}""", "null in a list of pools or workers")]
    [TestCase("""{"data":{"workerPools":[{"id":"\ud800","name":"b","pendingRuns":0,"busyWorkers":0,"workers":[]}]}}""", "not as expected at data.workerPools[0].id")]
    [TestCase("""{"data":{"workerPools":[]}} x""", "not a GraphQL answer")]
    [TestCase("""{"data":{"workerPools":[]}""", "not a GraphQL answer")]
    [TestCase("[]", "not a GraphQL answer")]
    [TestCase("null", "not a GraphQL answer")]
    [TestCase("", "not a GraphQL answer")]
    public void An_answer_that_is_none_is_an_error(string body, string message) =>
        Assert.That(GraphQl.Read(Encoding.UTF8.GetBytes(body), Pools).Error?.Message, Does.Contain(message));

    [TestCase("""{"metrics":{"stacksCountByState":[null]}}""")]
    [TestCase("""{"metrics":{"stacksCountByState":[{"value":1,"labels":[null]}]}}""")]
    public void Holes_in_aggregates_are_an_error(string data) =>
        Assert.That(GraphQl.Read(Encoding.UTF8.GetBytes($$"""{"data":{{Whole(data)}}}"""), Metrics).Error?.Message, Does.Contain("null in a list of values"));

    [TestCase("null")]
    [TestCase("{\"node\":null}")]
    public void Holes_on_a_page_are_an_error(string edge)
    {
        ApiResult<DriftData> result = GraphQl.Read(Encoding.UTF8.GetBytes("""{"data":{"searchManagedEntities":{"edges":[EDGE],"pageInfo":{"hasNextPage":false}}}}""".Replace("EDGE", edge, StringComparison.Ordinal)), Drift);
        Assert.That(result.Value, Is.Null);
        Assert.That(result.Error?.Message, Does.Contain("null"));
    }

    [Test]
    public void What_is_nested_without_end_or_longer_than_becomes_series_is_an_error()
    {
        string deep = $$"""{"data":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";
        Assert.That(GraphQl.Read(Encoding.UTF8.GetBytes(deep), Pools).Error?.Kind, Is.EqualTo(ErrorKind.Invalid));
        string pools = string.Join(',', Enumerable.Range(0, AnswerLimits.MostPools + 1).Select(i => $$"""{"id":"{{i}}","name":"b","pendingRuns":0,"busyWorkers":0,"workers":[]}"""));
        Assert.That(GraphQl.Read(Encoding.UTF8.GetBytes($$$"""{"data":{"workerPools":[{{{pools}}}]}}"""), Pools).Error?.Message, Does.Contain("more than 2000 worker pools"));
    }

    [Test]
    public void A_stack_on_two_pages_counts_once_as_it_was_last()
    {
        StackFold fold = new();
        fold.Add(new Stack("a", "one", "PLANNING"));
        fold.Add(new Stack("b", "two", "FINISHED", LockedBy: "me"));
        fold.Add(new Stack("a", "one", "FINISHED"));
        Assert.That(fold.Rows, Is.EqualTo(new[] { new KnownStack("a", "one", "", "FINISHED", null, false), new KnownStack("b", "two", "", "FINISHED", null, true) }));
    }

    [Test]
    public void Resources_are_counted_and_their_names_bounded()
    {
        EntityFold fold = new();
        string endless = new('n', 100_000);
        for (int i = 0; i < 1000; i++) fold.Add(new Entity(i % 4 == 0, "a", endless));
        Assert.That(fold.Count, Is.EqualTo(1000));
        Assert.That(fold.Rows.Select(row => (row.IsDrifted, row.Count)), Is.EqualTo(new[] { (true, 250), (false, 750) }));
        Assert.That(fold.Rows.Select(row => row.StackName.Length), Is.All.LessThan(300));
    }

    private static string Whole(string data) =>
        data.Replace("]}}", """],"resourcesCountByDrift":[],"avgStackSizeByResourceCount":[],"averageRunDuration":[],"medianRunDuration":[]}}""", StringComparison.Ordinal);
}
