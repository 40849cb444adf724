using CiMetrics.Docker;
using CiMetrics.Testing;

namespace CiMetrics.Docker.Tests;

public sealed class DockerEventStreamTests
{
    private const string Old = """{"status":"die","id":"abc","from":"busybox","Type":"container","Action":"die","Actor":{"ID":"abc","Attributes":{"exitCode":"137","image":"busybox","name":"r_p_build"}},"scope":"local","time":1700000000,"timeNano":1700000000123456789}""";
    private const string New = """{"Type":"container","Action":"start","Actor":{"ID":"def","Attributes":{"name":"r_q_build"}},"scope":"local","time":1700000001,"timeNano":1700000001000000000}""";

    [Test]
    public async Task Both_shapes_are_read()
    {
        (List<DockerEvent> events, DockerEventStream stream) = await ReadAsync(RawServer.UntilClosed($"{Old}\n{New}\n"));
        Assert.That(events, Has.Count.EqualTo(2));
        Assert.That((events[0].Action, events[0].Id, events[0].Name, events[0].ExitCode, events[0].TimeNano), Is.EqualTo(("die", "abc", "r_p_build", (int?)137, 1700000000123456789L)));
        Assert.That((events[1].Action, events[1].Id, events[1].Name, events[1].ExitCode), Is.EqualTo(("start", "def", "r_q_build", (int?)null)));
        Assert.That(stream.Failure!.Message, Does.Contain("ended the event stream"));
        Assert.That(stream.Skipped, Is.Zero);
    }

    [Test]
    public async Task The_oldest_shape_has_no_actor()
    {
        (List<DockerEvent> events, _) = await ReadAsync(RawServer.UntilClosed("""{"status":"start","id":"abc","from":"busybox","time":5}""" + "\n"));
        Assert.That((events.Single().Action, events[0].Id, events[0].Name, events[0].TimeNano), Is.EqualTo(("start", "abc", "", 5_000_000_000L)));
    }

    [Test]
    public async Task A_stream_cut_within_a_line_gives_what_was_whole_and_says_so()
    {
        (List<DockerEvent> events, DockerEventStream stream) = await ReadAsync(RawServer.UntilClosed($"{Old}\n{New[..40]}"));
        Assert.That(events, Has.Count.EqualTo(1));
        Assert.That(stream.Failure!.Kind, Is.EqualTo(DockerFailureKind.Unreachable));
        Assert.That(stream.Failure.Message, Does.Contain("within an event"));
    }

    [Test]
    public async Task A_connection_that_breaks_ends_the_stream_without_an_exception()
    {
        (List<DockerEvent> events, DockerEventStream stream) = await ReadAsync(RawServer.Cut($"{Old}\n"));
        Assert.That(events, Has.Count.EqualTo(1));
        Assert.That(stream.Failure!.Kind, Is.EqualTo(DockerFailureKind.Unreachable));
    }

    [Test]
    public async Task What_is_not_understood_is_skipped_and_counted()
    {
        string other = """{"Type":"network","Action":"connect","Actor":{"ID":"n","Attributes":{}},"time":1,"timeNano":1}""";
        (List<DockerEvent> events, DockerEventStream stream) = await ReadAsync(RawServer.UntilClosed($"{Old}\nnot json\n[]\n\n{other}\n{{\"Action\":5}}\n{New}\n"));
        Assert.That(events.ConvertAll(happened => happened.Id), Is.EqualTo(new[] { "abc", "def" }));
        Assert.That(stream.Skipped, Is.EqualTo(3), "a network's event and an empty line are in order");
    }

    [Test]
    public async Task A_line_that_is_too_long_is_skipped_and_the_next_is_read()
    {
        string label = new('x', DockerEventStream.LongestLine + 1);
        string huge = New.Replace("r_q_build", label, StringComparison.Ordinal);
        (List<DockerEvent> events, DockerEventStream stream) = await ReadAsync(RawServer.UntilClosed($"{huge}\n{Old}\n"));
        Assert.That(events.ConvertAll(happened => happened.Id), Is.EqualTo(new[] { "abc" }));
        Assert.That(stream.Skipped, Is.EqualTo(1));
    }

    [Test]
    public async Task A_long_line_within_the_limit_is_read()
    {
        string label = new('x', 500_000);
        (List<DockerEvent> events, _) = await ReadAsync(RawServer.UntilClosed(New.Replace("r_q_build", label, StringComparison.Ordinal) + "\n"));
        Assert.That(events.Single().Name, Is.EqualTo(label));
    }

    [Test]
    public async Task Since_is_written_with_nanoseconds_and_filters_are_encoded()
    {
        using TempFolder folder = new();
        string asked = "";
        await using RawServer server = new(folder.PathOf("d.sock"), (request, stream, cancellation) =>
        {
            asked = request;
            return stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(RawServer.Whole("")), cancellation).AsTask();
        });
        using DockerClient client = new(DockerEndpoint.Parse($"unix://{folder.PathOf("d.sock")}").Endpoint!, null, TimeProvider.System);
        using DockerEventStream stream = Value(await client.OpenEventsAsync(1_700_000_000_000_000_005, ["die"], CancellationToken.None));
        string filters = Uri.EscapeDataString("""{"type":["container"],"event":["die"]}""");
        Assert.That(asked, Is.EqualTo($"GET /v1.41/events?since=1700000000.000000005&filters={filters} HTTP/1.1"));
    }

    private static async Task<(List<DockerEvent> Events, DockerEventStream Stream)> ReadAsync(string answer)
    {
        using TempFolder folder = new();
        await using RawServer server = RawServer.Answering(folder.PathOf("d.sock"), answer);
        using DockerClient client = new(DockerEndpoint.Parse($"unix://{folder.PathOf("d.sock")}").Endpoint!, null, TimeProvider.System);
        using DockerEventStream stream = Value(await client.OpenEventsAsync(null, ["start", "die"], CancellationToken.None));
        List<DockerEvent> events = [];
        await foreach (DockerEvent happened in stream.ReadAllAsync(CancellationToken.None)) events.Add(happened);
        Assert.That(client.Version, Is.Null, "the next call negotiates again");
        return (events, stream);
    }

    private static DockerEventStream Value(DockerResult<DockerEventStream> result)
    {
        Assert.That(result.TryGet(out DockerEventStream? stream, out DockerFailure? failure), Is.True, failure?.Message);
        return stream!;
    }
}
