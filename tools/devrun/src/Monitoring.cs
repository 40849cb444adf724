using System.Text.RegularExpressions;

namespace CiMetrics.DevRun;

/// <summary>
/// A Prometheus with the example configuration and the rules of <c>deploy/prometheus</c>, on the ports of this run; where it
/// is installed.
/// </summary>
internal static partial class Monitoring
{
    /// <summary>Its usual port.</summary>
    public const int DefaultPort = 9090;

    /// <summary>The installed program; null where there is none.</summary>
    public static string? FindProgram() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, "prometheus"))
        .FirstOrDefault(File.Exists);

    /// <summary>Starts it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="port">Where it is to listen.</param>
    /// <param name="ports">The services' default ports, and those that they have.</param>
    /// <param name="root">The repository.</param>
    /// <param name="folder">For its configuration and data.</param>
    public static Row Start(string program, int port, IReadOnlyDictionary<int, int> ports, string root, string folder)
    {
        string example = Path.Combine(root, "deploy", "prometheus");
        string path = Path.Combine(folder, "prometheus.yml");
        string text = File.ReadAllText(Path.Combine(example, "prometheus.yml"));
        text = Target().Replace(text, match => $"localhost:{ports[int.Parse(match.Groups["port"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)]}");
        // Who looks at it does not want to wait for half a minute.
        text = text.Replace("interval: 30s", "interval: 5s", StringComparison.Ordinal).Replace("- \"*-", $"- \"{example}/*-", StringComparison.Ordinal)
            .Replace("scrape_timeout: 20s", "scrape_timeout: 5s", StringComparison.Ordinal);
        File.WriteAllText(path, text);
        Child child = Child.Start(
            "prometheus", program,
            [$"--config.file={path}", $"--storage.tsdb.path={Path.Combine(folder, "data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"],
            new Dictionary<string, string>(StringComparer.Ordinal));
        return new Row("prometheus", new Uri($"http://localhost:{port}/"), "scrapes all of these, with the rules of deploy/prometheus", child) { Page = "/alerts" };
    }

    [GeneratedRegex("localhost:(?<port>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Target();
}
