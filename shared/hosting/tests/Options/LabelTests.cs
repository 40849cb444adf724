namespace CiMetrics.Hosting.Tests;

public sealed class LabelTests
{
    private const string NameRule = "label names must match [a-zA-Z_][a-zA-Z0-9_]*, not begin with __ and not be le or quantile";

    [TestCase("nothing", "must be name=value (got \"nothing\")")]
    [TestCase("=value", NameRule + " (got \"\")")]
    [TestCase("1st=value", NameRule + " (got \"1st\")")]
    [TestCase("a-b=value", NameRule + " (got \"a-b\")")]
    [TestCase("größe=value", NameRule + " (got \"größe\")")]
    [TestCase("__name__=value", NameRule + " (got \"__name__\")")]
    [TestCase("le=1", NameRule + " (got \"le\")")]
    [TestCase("quantile=1", NameRule + " (got \"quantile\")")]
    public void A_bad_label_is_named(string label, string message) =>
        Assert.That(new Reading().ReadExactly(["-extra-label", label]), Is.EqualTo(new[] { "flag --extra-label: " + message }));

    [TestCase("runner_uuid")]
    [TestCase("version")]
    public void The_names_of_the_program_s_own_labels_are_taken(string name)
    {
        var problems = new Reading().Read("", null, $"labels:\n  {name}: x");
        Assert.That(problems, Has.Count.EqualTo(1));
        Assert.That(problems[0], Does.StartWith($"config.yml:2:{name.Length + 5}: labels.{name}: label names that this program's own metrics carry"));
    }

    [Test]
    public void A_label_given_twice_by_one_source_is_a_mistake()
    {
        Assert.That(
            new Reading().Read("--extra-label a=1 --extra-label a=2"),
            Is.EqualTo(new[] { "flag --extra-label: label a: must not be given twice (got \"2\")" }));
        Assert.That(
            new Reading().Read("", "MY_EXPORTER__EXTRA_LABEL=a=1,a=1"),
            Is.EqualTo(new[] { "environment variable MY_EXPORTER__EXTRA_LABEL (--extra-label): label a: must not be given twice (got \"1\")" }));
        Assert.That(
            new Reading().Read("", null, "labels:\n  a: 1\n  a: 2"),
            Is.EqualTo(new[] { "config.yml:3:3: \"a\": is given twice, first on line 2" }));
    }
}
