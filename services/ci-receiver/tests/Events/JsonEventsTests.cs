using System.Text;
using CiMetrics.Receiver.Events;

namespace CiMetrics.Receiver.Tests.Events;

public sealed class JsonEventsTests
{
    [Test]
    public void An_object_is_one_event_and_an_array_is_several()
    {
        List<RawEvent> events = [];
        Assert.That(JsonEvents.Read("""{"name":"a","id":17}"""u8, events, out bool isArray), Is.Null);
        Assert.That((events.Count, isArray, events[0][EventField.Id]), Is.EqualTo((1, false, "17")));
        events.Clear();
        Assert.That(JsonEvents.Read("""[{"name":"a"},{"name":"b","ref":null}]"""u8, events, out isArray), Is.Null);
        Assert.That((events.Count, isArray, events[1][EventField.Ref], events[1].PathOf("name")), Is.EqualTo((2, true, (string?)null, "[1].name")));
    }

    [TestCase("", "must be JSON: it is empty")]
    [TestCase("{", "must be JSON: line 1, byte 2")]
    [TestCase("{\n\"name\":a}", "line 2, byte 8")]
    [TestCase("{} {}", "must be JSON")]
    [TestCase("[]", "at least one event")]
    [TestCase("3", "an object or an array of objects")]
    [TestCase("[[{}]]", "[0] must be an object")]
    [TestCase("""{"name":{"a":1}}""", "must be a text")]
    [TestCase("""{"name":true}""", "must be a text")]
    [TestCase("""[{"name":"a"},{"name":[1]}]""", "[1].name must be a text")]
    [TestCase("""{"name":"a","name":"b"}""", "name must not be given twice")]
    [TestCase("""{"name":"\ud800"}""", "must be valid Unicode")]
    public void A_body_that_cannot_be_read_is_refused_with_the_place(string body, string rule)
    {
        Refusal? refusal = JsonEvents.Read(Encoding.UTF8.GetBytes(body), [], out _);
        Assert.That(refusal?.Status, Is.EqualTo(400));
        Assert.That(refusal!.Detail, Does.Contain(rule));
    }

    [Test]
    public void Bytes_that_are_no_UTF_8_are_refused() =>
        Assert.That(JsonEvents.Read([.. "{\"name\":\""u8, 0xff, 0xfe, .. "\"}"u8], [], out _)?.Status, Is.EqualTo(400));

    [Test]
    public void The_number_of_events_is_limited()
    {
        string body = "[" + string.Join(',', Enumerable.Repeat("{}", JsonEvents.MostEvents + 1)) + "]";
        Assert.That(JsonEvents.Read(Encoding.UTF8.GetBytes(body), [], out _)?.Status, Is.EqualTo(413));
    }

    [Test]
    public void Unknown_fields_of_any_shape_are_passed_over()
    {
        List<RawEvent> events = [];
        Assert.That(JsonEvents.Read("""{"tags":["a",{"b":[1]}],"name":"a"}"""u8, events, out _), Is.Null);
        Assert.That(events[0].Unknown, Is.EqualTo(new[] { "tags" }));
    }
}
