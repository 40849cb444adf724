namespace CiMetrics.Hosting.Tests;

public sealed class GoDurationTests
{
    [TestCase("0", 0)]
    [TestCase("0s", 0)]
    [TestCase("5s", 5_000)]
    [TestCase("1m30s", 90_000)]
    [TestCase("1.5h", 5_400_000)]
    [TestCase("250ms", 250)]
    [TestCase("2h45m0.5s", 9_900_500)]
    [TestCase("1000us", 1)]
    [TestCase("1000µs", 1)]
    [TestCase("1000μs", 1)]
    [TestCase("1000000ns", 1)]
    [TestCase("-1s", -1_000)]
    [TestCase("+1s", 1_000)]
    [TestCase(".5s", 500)]
    [TestCase("1.s", 1_000)]
    public void Reads_what_Go_reads(string text, double milliseconds)
    {
        Assert.That(GoDuration.TryParse(text, out var value), Is.True);
        Assert.That(value.TotalMilliseconds, Is.EqualTo(milliseconds));
    }

    [TestCase("")]
    [TestCase("5")]
    [TestCase("s")]
    [TestCase(".s")]
    [TestCase("5 s")]
    [TestCase(" 5s")]
    [TestCase("5S")]
    [TestCase("1d")]
    [TestCase("1m30")]
    [TestCase("1..5s")]
    [TestCase("--1s")]
    [TestCase("1e3s")]
    [TestCase("9999999999999h")]
    [TestCase("99999999999999999999999999999s")]
    [TestCase("٣s")]
    public void Refuses_what_Go_refuses(string text) => Assert.That(GoDuration.TryParse(text, out _), Is.False);

    [TestCase("0s")]
    [TestCase("5s")]
    [TestCase("1m30s")]
    [TestCase("2h")]
    [TestCase("250ms")]
    [TestCase("-1m")]
    [TestCase("1us")]
    [TestCase("100ns")]
    public void Formats_the_text_that_reads_back(string text)
    {
        Assert.That(GoDuration.TryParse(text, out var value), Is.True);
        Assert.That(GoDuration.Format(value), Is.EqualTo(text));
    }
}
