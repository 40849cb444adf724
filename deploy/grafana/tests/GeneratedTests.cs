using System.Text.Json.Nodes;

namespace CiMetrics.Dashboards.Tests;

/// <summary>Both forms of each dashboard come from one source.</summary>
public sealed class GeneratedTests
{
    [Test]
    public void The_files_are_those_that_the_sources_give()
    {
        foreach ((string name, string text) in DashboardFiles.Of(DashboardFile.Folder))
        {
            string path = Path.Combine(DashboardFile.Folder, name);
            Assert.That(File.Exists(path), Is.True, $"{name} is not there: run ./build.sh dashboards");
            Assert.That(File.ReadAllText(path), Is.EqualTo(text), $"{name} is not what its source gives: run ./build.sh dashboards");
        }
    }

    [Test]
    public void There_is_no_file_without_a_source()
    {
        string[] generated = [.. DashboardFiles.Of(DashboardFile.Folder).Select(file => Path.GetFileName(file.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.That(DashboardFile.Provisioned.Select(file => file.Name), Is.EqualTo(generated));
        Assert.That(DashboardFile.Importable.Select(file => file.Name), Is.EqualTo(generated));
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Importable))]
    public void The_form_for_import_asks_for_the_data_source(object file)
    {
        JsonObject dashboard = ((DashboardFile)file).Json;
        JsonNode input = dashboard["__inputs"]!.AsArray().Single()!;
        Assert.That((string)input["type"]!, Is.EqualTo("datasource"));
        Assert.That((string)dashboard["templating"]!["list"]![0]!["current"]!["value"]!, Is.EqualTo($"${{{(string)input["name"]!}}}"));
        string[] kinds = [.. ((DashboardFile)file).Panels.Select(panel => (string)panel["type"]!).Distinct(StringComparer.Ordinal)];
        Assert.That(DashboardFile.Objects(dashboard["__requires"]).Where(each => (string)each["type"]! == "panel").Select(each => (string)each["id"]!), Is.EquivalentTo(kinds));
        Assert.That(dashboard["id"], Is.Null);
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public void The_form_for_provisioning_has_nothing_that_only_an_import_fills_in(object file)
    {
        JsonObject dashboard = ((DashboardFile)file).Json;
        Assert.That(dashboard.Select(pair => pair.Key), Has.None.StartsWith("__").And.None.EqualTo("id"));
        Assert.That(dashboard.ToJsonString(), Does.Not.Contain("${DS_"));
    }
}
