using CiMetrics.Receiver.Events;

namespace CiMetrics.Receiver.Tests.Events;

public sealed class Rfc3339Tests
{
    [TestCase("2023-05-23T13:01:00Z", "2023-05-23T13:01:00.0000000Z")]
    [TestCase("2023-05-23t13:01:00z", "2023-05-23T13:01:00.0000000Z")]
    [TestCase("2023-05-23 13:01:00Z", "2023-05-23T13:01:00.0000000Z")]
    [TestCase("2023-05-23T15:01:00+02:00", "2023-05-23T13:01:00.0000000Z")]
    [TestCase("2023-05-23T15:01:00 02:00", "2023-05-23T13:01:00.0000000Z", Description = "a plus that the sender did not encode")]
    [TestCase("2023-05-23T07:31:00-05:30", "2023-05-23T13:01:00.0000000Z")]
    [TestCase("2023-05-23T13:01:00.5Z", "2023-05-23T13:01:00.5000000Z")]
    [TestCase("2023-05-23T13:01:00.123456789Z", "2023-05-23T13:01:00.1234567Z")]
    [TestCase("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.0000000Z", Description = "a leap second")]
    [TestCase("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000Z")]
    public void A_time_is_read_with_its_offset(string text, string expected)
    {
        Assert.That(Rfc3339.TryParse(text, out DateTimeOffset time), Is.True);
        Assert.That($"{time.UtcDateTime:O}", Is.EqualTo(expected));
    }

    [TestCase("2023-05023T13:01:00Z", Description = "the users' document's own example")]
    [TestCase("")]
    [TestCase("2023-05-23")]
    [TestCase("2023-05-23T13:01:00")]
    [TestCase("2023-05-23T13:01:00.Z")]
    [TestCase("2023-05-23T13:01Z")]
    [TestCase("2023-13-23T13:01:00Z")]
    [TestCase("2023-02-29T13:01:00Z")]
    [TestCase("2023-05-23T24:01:00Z")]
    [TestCase("2023-05-23T13:60:00Z")]
    [TestCase("2023-05-23T13:01:61Z")]
    [TestCase("2023-05-23T13:01:00+2:00")]
    [TestCase("2023-05-23T13:01:00+02:60")]
    [TestCase("0000-05-23T13:01:00Z")]
    [TestCase("0001-01-01T00:00:00+01:00")]
    [TestCase("9999-12-31T23:59:59-01:00")]
    [TestCase("1684847260")]
    public void Anything_else_is_no_time(string text) => Assert.That(Rfc3339.TryParse(text, out _), Is.False);
}
