using System.Text.Json.Nodes;

namespace CiMetrics.Dashboards.Tests;

/// <summary>What Grafana's own linter asks of a dashboard, and that all look alike.</summary>
public sealed class LintTests
{
    // The users' document asks for an hour ("Jobs per Hour"), for all jobs ever seen, and for a rate of all restores.
    private static readonly string[] WindowsOfTheirOwn = ["Jobs per Hour", "Job Duration Trends"];
    private static readonly string[] CountersThemselves = ["Total Jobs Executed", "Cache Hit Rates"];

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public void A_dashboard_is_found_again_and_kept_as_it_is(object file)
    {
        DashboardFile dashboard = (DashboardFile)file;
        Assert.That((string)dashboard.Json["uid"]!, Does.Match("^[a-z][a-z0-9-]{7,39}$"));
        Assert.That(DashboardFile.Provisioned.Select(each => (string)each.Json["uid"]!), Is.Unique);
        Assert.That(DashboardFile.Provisioned.Select(each => (string)each.Json["title"]!), Is.Unique);
        Assert.That((bool)dashboard.Json["editable"]!, Is.False);
        Assert.That((string)dashboard.Json["description"]!, Is.Not.Empty);
        Assert.That(dashboard.Json["tags"]!.AsArray().Select(tag => (string)tag!), Is.SupersetOf(new[] { "ci", DashboardJson.Tag }));
        Assert.That((string)dashboard.Json["refresh"]!, Is.EqualTo("30s"));
        Assert.That((string)dashboard.Json["timezone"]!, Is.EqualTo("browser"));
        Assert.That((int)dashboard.Json["graphTooltip"]!, Is.EqualTo(1));
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public void The_same_choices_come_first(object file)
    {
        DashboardFile dashboard = (DashboardFile)file;
        Assert.That(dashboard.Variables.Take(3).Select(each => ((string)each["name"]!, (string)each["label"]!)), Is.EqualTo(new[] { ("datasource", "Data source"), ("job", "Job"), ("instance", "Instance") }));
        Assert.That((string)dashboard.Variables[0]["query"]!, Is.EqualTo("prometheus"));
        foreach (JsonObject variable in dashboard.Variables.Skip(1))
        {
            string name = (string)variable["name"]!;
            Assert.That((int)variable["refresh"]!, Is.EqualTo(2), $"{name}: anew when the time range changes");
            Assert.That((bool)variable["includeAll"]! && (bool)variable["multi"]!, Is.True, name);
            Assert.That((string)variable["allValue"]!, name is "job" or "instance" ? Is.EqualTo(".+") : Is.AnyOf(".+", ".*"), name);
            Assert.That((string)variable["datasource"]!["uid"]!, Is.EqualTo("${datasource}"), name);
            if (name != "job") Assert.That((string)variable["query"]!, Does.Contain("job=~\"$job\""), name);
        }
    }

    [Test]
    public void Every_dashboard_is_one_click_away_from_every_other()
    {
        string[] uids = [.. DashboardFile.Provisioned.Select(file => (string)file.Json["uid"]!)];
        foreach (DashboardFile file in DashboardFile.Provisioned)
        {
            JsonObject[] links = [.. DashboardFile.Objects(file.Json["links"])];
            Assert.That(links.Select(link => (string?)link["url"]), Does.Contain("/d/" + Uids.Overview));
            Assert.That(links.Where(link => (string)link["type"]! == "dashboards").SelectMany(link => link["tags"]!.AsArray()).Select(tag => (string)tag!), Is.EqualTo(new[] { DashboardJson.Tag }));
        }

        DashboardFile overview = DashboardFile.Provisioned.Single(file => (string)file.Json["uid"]! == Uids.Overview);
        string[] opened = [.. overview.Panels.SelectMany(panel => DashboardFile.Objects(panel["links"])).Select(link => ((string)link["url"]!)["/d/".Length..]).Distinct(StringComparer.Ordinal)];
        Assert.That(opened, Is.EquivalentTo(uids.Where(uid => uid != Uids.Overview)));
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public void Every_panel_says_what_it_shows_in_which_unit(object file)
    {
        DashboardFile dashboard = (DashboardFile)file;
        Assert.That(dashboard.Panels, Has.Count.GreaterThan(8));
        Assert.That(DashboardFile.Objects(dashboard.Json["panels"]).Select(panel => (int)panel["id"]!), Is.Unique);
        Assert.That(dashboard.Panels.Select(panel => (string)panel["title"]!), Is.Unique);
        foreach (JsonObject panel in dashboard.Panels)
        {
            string title = (string)panel["title"]!;
            Assert.That(title, Is.Not.Empty);
            Assert.That((string?)panel["description"], Is.Not.Null.And.Not.Empty, title);
            Assert.That((string?)panel["fieldConfig"]!["defaults"]!["unit"], Is.Not.Null.And.Not.Empty, title);
            Assert.That((string?)panel["fieldConfig"]!["defaults"]!["noValue"], Is.Not.Null.And.Not.Empty, title);
            Assert.That((string)panel["datasource"]!["uid"]!, Is.EqualTo("${datasource}"), title);
            Assert.That(DashboardFile.Objects(panel["targets"]).Select(target => (string)target["refId"]!), Is.Unique.And.Not.Empty, title);
        }
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Importable))]
    public void Panels_do_not_overlap(object file)
    {
        HashSet<(int X, int Y)> taken = [];
        foreach (JsonObject panel in DashboardFile.Objects(((DashboardFile)file).Json["panels"]))
        {
            JsonNode place = panel["gridPos"]!;
            (int left, int top, int width, int height) = ((int)place["x"]!, (int)place["y"]!, (int)place["w"]!, (int)place["h"]!);
            Assert.That(left + width, Is.LessThanOrEqualTo(24), (string)panel["title"]!);
            for (int x = left; x < left + width; x++)
            {
                for (int y = top; y < top + height; y++) Assert.That(taken.Add((x, y)), Is.True, (string)panel["title"]!);
            }
        }
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public void Expressions_ask_for_what_was_chosen_in_the_right_way(object file)
    {
        DashboardFile dashboard = (DashboardFile)file;
        bool byHand = dashboard.Name == DashboardFiles.ByHand;
        foreach (PanelQuery query in dashboard.Queries)
        {
            List<string> problems = [.. ExpressionRules.NotOfTheChosen(query.Expression)];
            // A total of the time shown is asked for once; the document's pie asks over time and shows the last.
            if (!byHand || !WindowsOfTheirOwn.Contains(query.Panel, StringComparer.Ordinal)) problems.AddRange(ExpressionRules.WrongWindow(query.Expression, query.IsInstant || byHand));
            if (!byHand || !CountersThemselves.Contains(query.Panel, StringComparer.Ordinal)) problems.AddRange(ExpressionRules.NotAsCounter(query.Expression));
            Assert.That(problems, Is.Empty, query.ToString());
        }
    }

    [TestCase("sum(runner_up{instance=~\"$instance\"})", "not of the chosen job")]
    [TestCase("sum(runner_up{job=~\"$job\", instance=\"a\"})", "not of the chosen job")]
    [TestCase("sum(runner_up)", "without a selector")]
    [TestCase("1", "asks for nothing")]
    [TestCase("rate(runner_restarts_total{job=~\"$job\", instance=~\"$instance\"}[5m])", "window 5m")]
    [TestCase("rate(runner_restarts_total{job=~\"$job\", instance=~\"$instance\"}[$__range])", "window $__range")]
    [TestCase("increase(runner_restarts_total{job=~\"$job\", instance=~\"$instance\"}[$__interval])", "window $__interval")]
    [TestCase("sum(runner_restarts_total{job=~\"$job\", instance=~\"$instance\"})", "counter without a rate")]
    [TestCase("rate(runner_up{job=~\"$job\", instance=~\"$instance\"}[$__rate_interval])", "rate of what is no counter")]
    [TestCase("histogram_quantile(0.5, sum by (le) (runner_job_duration_seconds_bucket{job=~\"$job\", instance=~\"$instance\"}))", "counter without a rate")]
    public void The_rules_find_what_is_wrong(string expression, string problem) =>
        Assert.That(ExpressionRules.NotOfTheChosen(expression).Concat(ExpressionRules.WrongWindow(expression, isTotal: false)).Concat(ExpressionRules.NotAsCounter(expression)), Has.Some.Contains(problem));
}
