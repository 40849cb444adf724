using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>The Go program beside, which stands in for Helm: built once, each rendering kept.</summary>
internal static class Renderer
{
    private const string Packages = "/usr/share/gocode";
    private static readonly Lazy<Task<string>> Program = new(BuildAsync);
    private static readonly ConcurrentDictionary<string, Task<string>> Renderings = new(StringComparer.Ordinal);

    /// <summary>The chart's folder.</summary>
    public static string Chart { get; } = Repository.PathOf("deploy", "k8s", "chart", "ci-runner-metrics");

    /// <summary>The chart's own values, and each file in its ci folder, by name.</summary>
    public static IReadOnlyList<string> ValuesFiles { get; } =
        ["default", .. Directory.GetFiles(Path.Combine(Chart, "ci"), "*-values.yaml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>What is installed with one of <see cref="ValuesFiles"/>.</summary>
    public static async Task<IReadOnlyList<ClusterObject>> RenderAsync(string values) => Objects(await PrintAsync("json", values));

    /// <summary>What is installed as another release, with one of <see cref="ValuesFiles"/> and another file over it.</summary>
    public static async Task<IReadOnlyList<ClusterObject>> RenderAsync(string values, string release, string @namespace, string more) =>
        Objects(await RunAsync(["-chart", Chart, "-release", release, "-namespace", @namespace, "-f", Path.Combine(Chart, "ci", values), "-f", more]));

    /// <summary>Another form of the same: <c>manifests</c>, <c>values</c> or <c>notes</c>.</summary>
    public static Task<string> PrintAsync(string form, string values, string? more = null)
    {
        string[] files = [.. values == "default" ? [] : (string[])["-f", Path.Combine(Chart, "ci", values)], .. more is null ? [] : (string[])["-f", more]];
        return Renderings.GetOrAdd($"{form} {values} {more}", _ => RunAsync(["-chart", Chart, "-print", form, .. files]));
    }

    /// <summary>The documents of a YAML file.</summary>
    public static async Task<JsonArray> ReadAsync(string file) => JsonNode.Parse(await RunAsync(["-yaml", file]))!.AsArray();

    /// <summary>What the renderer says when it refuses the values.</summary>
    public static async Task<string> RefusalAsync(string valuesFile)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(await Program.Value, ["-chart", Chart, "-f", valuesFile]);
        Assert.That(exitCode, Is.Not.Zero, output);
        return output;
    }

    private static IReadOnlyList<ClusterObject> Objects(string json) =>
        [.. JsonNode.Parse(json)!.AsArray().Select(each => new ClusterObject((string)each!["source"]!, each["object"]!.AsObject()))];

    private static async Task<string> RunAsync(string[] arguments)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(await Program.Value, arguments);
        Assert.That(exitCode, Is.Zero, output);
        return output;
    }

    private static async Task<string> BuildAsync()
    {
        string go = Requires.Program("go", "golang-go");
        Needs("github.com/Masterminds/sprig", "golang-github-masterminds-sprig-dev");
        Needs("sigs.k8s.io/yaml", "golang-k8s-sigs-yaml-dev");
        string program = Path.Combine(AppContext.BaseDirectory, "renderer");
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            go,
            ["build", "-o", program, .. Directory.GetFiles(Repository.PathOf("deploy", "k8s", "tests", "renderer"), "*.go").Order(StringComparer.Ordinal)],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["GO111MODULE"] = "off",
                ["GOFLAGS"] = "",
                ["GOPATH"] = Packages,
                ["GOCACHE"] = Path.Combine(AppContext.BaseDirectory, "go-cache"),
            },
            TimeSpan.FromMinutes(4));
        Assert.That(exitCode, Is.Zero, output);
        return program;
    }

    private static void Needs(string import, string package)
    {
        if (!Directory.Exists(Path.Combine(Packages, "src", import))) Requires.Missing($"{import} is not installed: apt-get install {package}");
    }
}
