using Microsoft.Extensions.Primitives;

namespace CiMetrics.Hosting.Tests;

public sealed class ScrapeTimeoutTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [TestCase("10", 10)]
    [TestCase("0.25", 0.25)]
    [TestCase("59.999", 59.999)]
    [TestCase("60", 60)]
    [TestCase("1000000000000000000000", 60)]
    [TestCase("", 60)]
    [TestCase("0", 60)]
    [TestCase("-5", 60)]
    [TestCase("5s", 60)]
    [TestCase("1e1", 60)]
    [TestCase(" 5", 60)]
    [TestCase("5,5", 60)]
    [TestCase("NaN", 60)]
    [TestCase("Infinity", 60)]
    [TestCase("-Infinity", 60)]
    public void A_number_of_seconds_is_taken_and_nonsense_is_ignored(string header, double seconds) =>
        Assert.That(ScrapeTimeout.Of(header, Bound).TotalSeconds, Is.EqualTo(seconds));

    [Test]
    public void A_missing_and_a_repeated_header_are_ignored()
    {
        Assert.That(ScrapeTimeout.Of(StringValues.Empty, Bound), Is.EqualTo(Bound));
        Assert.That(ScrapeTimeout.Of(new StringValues(["5", "6"]), Bound), Is.EqualTo(Bound));
    }

    [TestCase(60, 0.5)]
    [TestCase(2, 0.5)]
    [TestCase(1, 0.25)]
    [TestCase(0.1, 0.025)]
    public void The_margin_is_half_a_second_or_a_quarter_of_short_ones(double timeout, double margin) =>
        Assert.That(ScrapeTimeout.Margin(TimeSpan.FromSeconds(timeout)).TotalSeconds, Is.EqualTo(margin).Within(1e-6));
}
