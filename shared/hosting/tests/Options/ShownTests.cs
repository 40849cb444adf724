namespace CiMetrics.Hosting.Tests;

public sealed class ShownTests
{
    [TestCase("plain", "\"plain\"")]
    [TestCase("", "\"\"")]
    [TestCase("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [TestCase("a\nb\u001b[31m", "\"a\\u000ab\\u001b[31m\"")]
    [TestCase("a\u202eb", "\"a\\u202eb\"")]
    [TestCase("größe ☃", "\"größe ☃\"")]
    public void A_value_from_outside_is_shown_in_one_harmless_line(string value, string shown) =>
        Assert.That(Shown.Quoted(value), Is.EqualTo(shown));

    [Test]
    public void A_long_value_is_cut() => Assert.That(Shown.Quoted(new string('x', 5000)), Has.Length.LessThan(130));

    [TestCase("prot", "port")]
    [TestCase("ports", "port")]
    [TestCase("extra-labels", "extra-label")]
    [TestCase("telemetry", null)]
    public void The_nearest_name_is_proposed_if_it_is_near(string name, string? nearest) =>
        Assert.That(Nearest.Of(name, ["port", "bind", "extra-label"]), Is.EqualTo(nearest));
}
