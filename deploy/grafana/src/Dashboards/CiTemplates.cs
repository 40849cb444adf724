namespace CiMetrics.Dashboards.Dashboards;

/// <summary>
/// How CI templates are used and where they can be improved. The receiver names a metric after each template; the rules of
/// <c>deploy/prometheus/ci-jobs-rules.yml</c> make it a label, because rates drop the name and cannot add such metrics up.
/// </summary>
internal static class CiTemplates
{
    private const string Scope = """@, template=~"$template", project=~"$project" """;

    public static Dashboard Dashboard { get; } = new("ci-templates", Uids.CiTemplates, "CI Templates", "The use of CI templates, from the jobs that were reported to the receiver. Needs the recording rules of ci-jobs-rules.yml.", "ci_template:jobs_total")
    {
        Variables = [new Variable("template", "Template", "ci_template:jobs_total"), new Variable("project", "Project", "ci_template:jobs_total")],
        Rows =
        [
            new Row(
                "Use",
                Panel.Stat("Jobs", "In the time shown.", "short", Total("")),
                Panel.Stat("Success", "Of the jobs that succeeded or failed in the time shown.", "percentunit", Success(matchers => Total(matchers))) with { Levels = Panel.MoreIsBetter },
                Panel.Stat("Templates in use", "With a job in the time shown.", "short", Filled("count(sum by (template) (increase(ci_template:jobs_total{#}[$__range])) > 0)")),
                Panel.Stat("Projects", "With a job in the time shown.", "short", Filled("count(sum by (project) (increase(ci_template:jobs_total{#}[$__range])) > 0)")),
                Panel.Stat("Time in jobs", "All jobs of the time shown together, of all projects.", "s", Durations("sum", "")),
                Panel.Stat("Time in failed jobs", "Of all projects: what failures cost.", "s", $"{Durations("sum", Failed)} or 0 * {Durations("sum", "")}"),
                Panel.Stack("Jobs per hour, by template", "Which templates are used, and how that changes.", "suffix: /h",
                    new Query(Filled("3600 * sum by (template) (rate(ci_template:jobs_total{#}[$__rate_interval]))"), "{{template}}")) with { Width = 16 },
                Panel.Pie("Share of templates", "Jobs of the time shown.", "short", new Query(Filled("sum by (template) (increase(ci_template:jobs_total{#}[$__range]))"), "{{template}}"))),
            new Row(
                "Templates",
                Panel.Table("Templates", "Each template in the time shown; durations are of all projects.",
                    new Query(Total("", "template"), "Jobs"),
                    new Query(Filled("count by (template) (sum by (template, project) (increase(ci_template:jobs_total{#}[$__range])) > 0)"), "Projects"),
                    new Query(Success(matchers => Total(matchers, "template")), "Success", "percentunit"),
                    new Query($"{Durations("sum by (template)", "")} / ({Durations("sum by (template)", "", "count")} > 0)", "Average duration", "s"),
                    new Query("""histogram_quantile(0.95, sum by (template, le) (increase(ci_template:duration_bucket{@, template=~"$template"}[$__range])))""", "95th percentile", "s"),
                    new Query($"{Durations("sum by (template)", Failed)} or 0 * {Durations("sum by (template)", "")}", "Time in failed jobs", "s")),
                Panel.Lines("Success by template", "Of the jobs that succeeded or failed. A fall in one template is the template; in all it is the infrastructure.", "percentunit",
                    new Query(Success(matchers => Filled($$"""sum by (template) (rate(ci_template:jobs_total{#{{matchers}}}[$__rate_interval]))""")), "{{template}}")),
                Panel.Stack("Jobs per hour, by status", "Of all templates.", "suffix: /h", new Query(Filled("3600 * sum by (status) (rate(ci_template:jobs_total{#}[$__rate_interval]))"), "{{status}}")),
                Panel.Lines("Median duration by template", "Jobs of all projects.", "s", Quantile(0.5)),
                Panel.Lines("95th percentile of the duration by template", "Jobs of all projects.", "s", Quantile(0.95))),
            new Row(
                "Projects",
                Panel.Table("Failures by template and project", "Where help is needed: the failed jobs of the time shown.",
                    new Query(Filled("""topk(20, sum by (template, project) (increase(ci_template:jobs_total{#, status="failed"}[$__range])) > 0)"""), "Failed jobs")) with { Width = 12 },
                Panel.Table("Use by project", "Jobs and templates of each project in the time shown.",
                    new Query(Filled("sum by (project) (increase(ci_template:jobs_total{#}[$__range])) > 0"), "Jobs"),
                    new Query(Filled("count by (project) (sum by (template, project) (increase(ci_template:jobs_total{#}[$__range])) > 0)"), "Templates")) with { Width = 12 }),
        ],
    };

    private const string Successful = ", status=\"success\"";
    private const string Failed = ", status=\"failed\"";
    private const string Decided = ", status=~\"success|failed\"";

    // Of a template of which no job ever succeeded there is no such series: that is no success, and not nothing.
    private static string Success(Func<string, string> jobs) => $"({jobs(Successful)} or 0 * {jobs(Decided)}) / ({jobs(Decided)} > 0)";

    // # stands for jobs, instances, templates and projects.
    private static string Filled(string query) => query.Replace("#", Scope.TrimEnd(), StringComparison.Ordinal);

    private static string Total(string matchers, string by = "") => Filled($$"""sum{{(by.Length == 0 ? "" : $" by ({by}) ")}}(increase(ci_template:jobs_total{#{{matchers}}}[$__range]))""");

    private static string Durations(string sum, string matchers, string part = "sum") => $$"""{{sum}} (increase(ci_template:duration_{{part}}{@, template=~"$template"{{matchers}}}[$__range]))""";

    private static Query Quantile(double quantile) => new($$"""histogram_quantile({{quantile}}, sum by (template, le) (rate(ci_template:duration_bucket{@, template=~"$template"}[$__rate_interval])))""", "{{template}}");
}
