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

    [TestCase("{", "must be JSON: line 1")]
    [TestCase("{}", "must be a JSON array")]
    [TestCase("[3]", "[0] must be an object")]
    [TestCase("""[{"names":["a"],"projects":["p"]},{"names":["a"]}]""", "[1] must have names and projects")]
    [TestCase("""[{"names":"a","projects":["p"]}]""", "[0].names must be an array")]
    [TestCase("""[{"names":[""],"projects":["p"]}]""", "[0].names must be an array of texts that are not empty")]
    [TestCase("""[{"name":["a"]}]""", "[0].name must be names, projects or statuses")]
    [TestCase("""[{"names":["a"],"projects":["p"],"statuses":["green"]}]""", "\"green\" is not")]
    [TestCase("""[{"names":["a","b"],"projects":["p","q","r"]}]""", "at most 10 series")]
    public void A_catalog_that_breaks_a_rule_is_refused_with_the_place(string json, string rule)
    {
        Assert.That(JobCatalog.Parse(Encoding.UTF8.GetBytes(json), 10, out string? broken), Is.Null);
        Assert.That(broken, Does.Contain(rule));
    }
}
