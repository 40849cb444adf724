using System.Text;
using CiMetrics.Sidecar.Intake;

namespace CiMetrics.Sidecar.Tests.Intake;

public sealed class EventFileTests
{
    [TestCase("""{"name":"a"}""", 1)]
    [TestCase("\uFEFF{\"name\":\"a\"}\n", 1)]
    [TestCase("""[{"name":"a"},{"name":"b"}]""", 2)]
    [TestCase("{\"name\":\"a\"}\n{\"name\":\"b\"}\n\n{\"name\":\"c\"}\n", 3)]
    [TestCase("{\"name\":\n\"a\"}", 1)]
    public void The_three_shapes_are_read(string text, int events)
    {
        ParsedFile parsed = EventFile.Parse(Encoding.UTF8.GetBytes(text));
        Assert.That(parsed.Problem, Is.Null);
        Assert.That(parsed.Events, Has.Count.EqualTo(events));
    }

    [TestCase("", "it is empty")]
    [TestCase(" \n\t", "it is empty")]
    [TestCase("{\"name\":\"a\"", "it is not JSON: line 1, byte 12")]
    [TestCase("{\"name\":\"a\"}\n{\"na", "it is not JSON: line 2, byte 5")]
    [TestCase("hello", "it is not JSON: line 1, byte 1")]
    [TestCase("[]", "its array is empty")]
    [TestCase("""["a"]""", "event 1 is a text, not an object")]
    [TestCase("""[{},3]""", "event 2 is a number, not an object")]
    [TestCase("null", "event 1 is null, not an object")]
    [TestCase("""{"a":"\ud800"}""", "a text in it holds half of a surrogate pair")]
    [TestCase("""{"b":[{"\udc00":1}]}""", "a text in it holds half of a surrogate pair")]
    public void What_holds_no_event_is_told_with_its_place(string text, string problem) =>
        Assert.That(EventFile.Parse(Encoding.UTF8.GetBytes(text)).Problem, Is.EqualTo(problem));

    [Test]
    public void Another_encoding_is_told() =>
        Assert.That(EventFile.Parse(Encoding.Latin1.GetBytes("""{"name":"bücher"}""")).Problem, Is.EqualTo("it is not UTF-8"));

    [TestCase(15, true)]
    [TestCase(17, false)]
    public void Other_fields_may_be_nested_as_deep_as_the_receiver_reads(int depth, bool isRead)
    {
        string text = $$"""{"more":{{new string('[', depth)}}{{new string(']', depth)}}}""";
        Assert.That(EventFile.Parse(Encoding.UTF8.GetBytes(text)).Problem, isRead ? Is.Null : Does.StartWith("it is not JSON"));
    }

    [Test]
    public void Random_bytes_are_refused_and_never_throw()
    {
        Random random = Testing.Seed.Random(out _);
        byte[] valid = """[{"name":"a","started":"2026-01-01T00:00:00Z"},{"name":"b"}]"""u8.ToArray();
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = [.. valid];
            for (int changes = random.Next(1, 5); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            ParsedFile parsed = EventFile.Parse(bytes.AsMemory(0, random.Next(bytes.Length + 1)));
            Assert.That(parsed.Events.Count == 0, Is.EqualTo(parsed.Problem is not null));
        }
    }
}
