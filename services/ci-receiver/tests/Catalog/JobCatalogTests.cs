using System.Text;
using CiMetrics.Receiver.Catalog;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Tests.Catalog;

public sealed class JobCatalogTests
{
    [Test]
    public void An_entry_stands_for_all_combinations_and_names_are_those_of_metrics()
    {
        IReadOnlyList<(SeriesKey Key, string Original)>? series = JobCatalog.Parse(
            """[{"names":["Dotnet Build"],"projects":["a","b"]},{"names":["deploy"],"projects":["a"],"statuses":["cancelled"]}]"""u8.ToArray(), 100, out _);
        Assert.That(series, Is.EquivalentTo(new[]
        {
            (new SeriesKey("dotnet_build", "a", "success"), "Dotnet Build"),
            (new SeriesKey("dotnet_build", "b", "success"), "Dotnet Build"),
            (new SeriesKey("dotnet_build", "a", "failed"), "Dotnet Build"),
            (new SeriesKey("dotnet_build", "b", "failed"), "Dotnet Build"),
            (new SeriesKey("deploy", "a", "canceled"), "deploy"),
        }));
    }

    [TestCase(1024, 255, null)]
    [TestCase(1025, 255, "[0].names must have at most 1024 characters")]
    [TestCase(1024, 256, "[0].projects must have at most 255 characters")]
    public void Texts_may_be_as_long_as_those_of_events(int name, int project, string? rule)
    {
        string json = $$"""[{"names":["{{new string('n', name)}}"],"projects":["{{new string('p', project)}}"]}]""";
        JobCatalog.Parse(Encoding.UTF8.GetBytes(json), 10, out string? broken);
        Assert.That(broken, rule is null ? Is.Null : Does.StartWith(rule));
    }

    [TestCase("{", "must be JSON: line 1")]
    [TestCase("{}", "must be a JSON array")]
    [TestCase("[3]", "[0] must be an object")]
    [TestCase("""[{"names":["a"],"projects":["p"]},{"names":["a"]}]""", "[1] must have names and projects")]
    [TestCase("""[{"names":"a","projects":["p"]}]""", "[0].names must be an array")]
    [TestCase("""[{"names":[""],"projects":["p"]}]""", "[0].names must be an array of texts that are not empty")]
    [TestCase("""[{"name":["a"]}]""", "[0].name must be names, projects or statuses")]
    [TestCase("""[{"names":["a"],"projects":["p"],"statuses":["green"]}]""", "\"green\" is not")]
    [TestCase("""[{"names":["a\ud800"],"projects":["p"]}]""", "must be valid Unicode")]
    [TestCase("""[{"names\ud800":["a"]}]""", "must be valid Unicode")]
    [TestCase("""[{"names":["a"],"projects":["p\nq"]}]""", "[0].projects must not contain control characters; \"p\\u000aq\" is in it")]
    [TestCase("""[{"names":["a\u007fb"],"projects":["p"]}]""", "[0].names must not contain control characters")]
    [TestCase("""[{"names":["a"],"projects":["$CI_PROJECT_PATH"]}]""", "[0].projects must not be the name of a variable")]
    [TestCase("""[{"names":["a","b"],"projects":["p","q","r"]}]""", "at most 10 series")]
    public void A_catalog_that_breaks_a_rule_is_refused_with_the_place(string json, string rule)
    {
        Assert.That(JobCatalog.Parse(Encoding.UTF8.GetBytes(json), 10, out string? broken), Is.Null);
        Assert.That(broken, Does.Contain(rule));
    }
}
