using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Dashboards.Tests;

/// <summary>What Grafana's own linter asks of a dashboard, and that all look alike.</summary>
public sealed partial class LintTests
{
    // The users' document asks for an hour ("Jobs per Hour"), for all jobs ever seen, and for a rate of all restores.
    private static readonly string[] WindowsOfTheirOwn = ["Jobs per Hour", "Job Duration Trends"];
    private static readonly string[] CountersThemselves = ["Total Jobs Executed", "Cache Hit Rates"];

    // In these alone [$__range] is a mistake of nobody: a table and a pie of the document's dashboard ask over time and show the last.
    private static bool IsByHand(DashboardFile file) => file.Name == DashboardFiles.ByHand;

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
    public void Every_selector_is_of_the_chosen_jobs_and_instances(object file)
    {
        foreach (PanelQuery query in ((DashboardFile)file).Queries)
        {
            Assert.That(Selector().Count(query.Expression), Is.GreaterThan(0), query.ToString());
            foreach (Match selector in Selector().Matches(query.Expression))
                Assert.That(selector.Value, Does.Contain("job=~\"$job\"").And.Contain("instance=~\"$instance\""), query.ToString());
            string rest = Selector().Replace(query.Expression, "");
            Assert.That(BareMetric().IsMatch(rest), Is.False, $"a metric without a selector: {query}");
        }
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public void Rates_are_over_the_interval_that_fits_the_picture(object file)
    {
        DashboardFile dashboard = (DashboardFile)file;
        foreach (PanelQuery query in dashboard.Queries.Where(query => !IsByHand(dashboard) || !WindowsOfTheirOwn.Contains(query.Panel, StringComparer.Ordinal)))
        {
            foreach (Match call in RateCall().Matches(query.Expression))
            {
                // A total of the time shown is asked for once; over time, increases are of each step.
                bool isTotal = call.Groups["function"].Value == "increase" && (query.IsInstant || IsByHand(dashboard));
                Assert.That(call.Groups["window"].Value, Is.EqualTo(isTotal ? "$__range" : "$__rate_interval"), query.ToString());
            }
        }
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public void Counters_are_shown_as_what_they_grew_by(object file)
    {
        DashboardFile dashboard = (DashboardFile)file;
        foreach (PanelQuery query in dashboard.Queries.Where(query => !IsByHand(dashboard) || !CountersThemselves.Contains(query.Panel, StringComparer.Ordinal)))
        {
            foreach (Match selector in Selector().Matches(query.Expression))
            {
                bool isCounter = Counters.Contains(selector.Groups["name"].Value);
                bool isInRate = Regex.IsMatch(query.Expression[..selector.Index], @"\b(rate|increase|irate)\($", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
                Assert.That(isInRate, Is.EqualTo(isCounter), $"{selector.Groups["name"].Value} in {query}");
            }
        }
    }

    // By the tables of metrics, which tests compare with the code; what all services have about themselves is in none.
    private static HashSet<string> Counters { get; } =
    [
        .. Directory.EnumerateFiles(Repository.PathOf("docs", "metrics"), "*.md").SelectMany(File.ReadLines)
            .Select(line => TableRow().Match(line)).Where(match => match.Success)
            .SelectMany(match => match.Groups["type"].Value == "counter" ? [match.Groups["name"].Value] : (string[])[match.Groups["name"].Value + "_bucket", match.Groups["name"].Value + "_sum", match.Groups["name"].Value + "_count"]),
        "ci_template:jobs_total", "ci_template:duration_bucket", "ci_template:duration_sum", "ci_template:duration_count",
        "exporter_scrape_failures_total", "exporter_scrape_duration_seconds_bucket", "process_cpu_seconds_total", "exporter_process_cpu_seconds_total",
    ];

    [GeneratedRegex("""(?<name>[a-z_][a-z0-9_:]*)\{(?:[^{}"]|"[^"]*")*\}""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Selector();

    // What is left of an expression without its selectors has functions, labels and numbers, but no name of ours.
    [GeneratedRegex(@"\b(?:bitbucket_agent|spacelift|runner|github_runner|receiver|ci|exporter|process|gitlab_runner)_(?!uuid|name|type)[a-z_]+\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BareMetric();

    [GeneratedRegex("""\b(?<function>rate|increase|irate)\([a-z_][a-z0-9_:]*\{(?:[^{}"]|"[^"]*")*\}\[(?<window>[^\]]*)\]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RateCall();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<type>counter|histogram) \|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();
}
