using System.Text;

namespace CiMetrics.DevRun;

/// <summary>A Prometheus that scrapes everything in the table, with the rules of <c>deploy/prometheus</c>; where it is installed.</summary>
internal static class Monitoring
{
    /// <summary>Its usual port.</summary>
    public const int DefaultPort = 9090;

    /// <summary>The installed program; null where there is none.</summary>
    public static string? FindProgram() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, "prometheus"))
        .FirstOrDefault(File.Exists);

    /// <summary>Starts it on a configuration below <paramref name="folder"/>, where it also keeps its data.</summary>
    public static Row Start(string program, int port, IEnumerable<Row> services, string root, string folder)
    {
        string[] rules = [.. RuleFiles(root)];
        string path = Path.Combine(folder, "prometheus.yml");
        File.WriteAllText(path, Configuration(services, rules));
        Child child = Child.Start(
            "prometheus", program,
            [$"--config.file={path}", $"--storage.tsdb.path={Path.Combine(folder, "data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"],
            new Dictionary<string, string>(StringComparer.Ordinal));
        return new Row("prometheus", new Uri($"http://localhost:{port}/"), $"scrapes all of these; {rules.Length} rule files loaded", child) { Page = "/graph" };
    }

    private static IEnumerable<string> RuleFiles(string root)
    {
        string folder = Path.Combine(root, "deploy", "prometheus");
        return Directory.EnumerateFiles(folder, "*-rules.yml").Concat(Directory.EnumerateFiles(folder, "*-alerts.yml")).Order(StringComparer.Ordinal);
    }

    private static string Configuration(IEnumerable<Row> services, string[] rules)
    {
        StringBuilder text = new("global: { scrape_interval: 5s, evaluation_interval: 5s }\n");
        text.Append("rule_files:\n").AppendJoin('\n', rules.Select(rule => $"  - {rule}")).Append("\nscrape_configs:\n");
        foreach (Row row in services.Where(row => row.Url is not null))
            text.Append($"  - job_name: {row.Name}\n    static_configs: [{{ targets: [\"{row.Url!.Authority}\"] }}]\n");
        return text.ToString();
    }
}
