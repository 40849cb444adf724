using System.Text.Json.Nodes;
using CiMetrics.Dashboards.Dashboards;

namespace CiMetrics.Dashboards;

/// <summary>Every file that is generated, by its name below <c>deploy/grafana</c>.</summary>
public static class DashboardFiles
{
    /// <summary>The dashboard that is kept by hand in its form for import; only its form for provisioning is generated.</summary>
    public const string ByHand = "github-runner-dashboard.json";

    /// <summary>The folder of the form for provisioning.</summary>
    public const string ProvisionedFolder = "dashboards";

    /// <summary>The dashboards that are written down here.</summary>
    public static IReadOnlyList<Dashboard> All { get; } =
        [Overview.Dashboard, RunnerExporter.Dashboard, Spacelift.Dashboard, AlloyRunner.Dashboard, CiTemplates.Dashboard, CiReceiver.Dashboard];

    /// <summary>Names and texts.</summary>
    /// <param name="folder"><c>deploy/grafana</c>, from which the dashboard that is kept by hand is read.</param>
    public static IEnumerable<(string Name, string Text)> Of(string folder)
    {
        foreach (Dashboard dashboard in All)
        {
            JsonObject json = DashboardJson.Provisioned(dashboard);
            yield return ($"{dashboard.Name}-dashboard.json", DashboardJson.Text(DashboardJson.Importable(json)));
            yield return ($"{ProvisionedFolder}/{dashboard.Name}-dashboard.json", DashboardJson.Text(json));
        }

        JsonObject byHand = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, ByHand)))!.AsObject();
        yield return ($"{ProvisionedFolder}/{ByHand}", DashboardJson.Text(DashboardJson.ProvisionedFromImport(byHand)));
    }
}
