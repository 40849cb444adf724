namespace CiMetrics.Testing.Tests;

public sealed class MetricTableTests
{
    private const string Table = """
        | metric | type | unit | labels | meaning | source |
        |---|---|---|---|---|---|
        | `a_total` | counter | bytes | `x`, `y` | all | engine |
        | `b` | gauge | cores | - | some | kernel |
        """;

    private static readonly DeclaredMetric[] Same = [new("a_total", "counter", ["x", "y"]), new("b", "gauge", [])];

    [Test]
    public void A_table_of_the_same_metrics_has_no_differences() => Assert.That(MetricTable.Differences(Table, Same), Is.Empty);

    [TestCase("`b`", "`c`", "b: not documented;c: not in the code")]
    [TestCase("| gauge |", "| counter |", "b: is 'gauge -', documented as 'counter -'")]
    [TestCase("`x`, `y`", "`y`, `x`", "a_total: is 'counter x, y', documented as 'counter y, x'")]
    [TestCase("| some |", "| |", "b: needs 6 cells with text;b: not documented")]
    [TestCase("`b`", "`a_total`", "a_total: documented twice;b: not documented")]
    public void Every_difference_is_named(string from, string to, string differences) =>
        Assert.That(string.Join(';', MetricTable.Differences(Table.Replace(from, to, StringComparison.Ordinal), Same)), Is.EqualTo(differences));
}
