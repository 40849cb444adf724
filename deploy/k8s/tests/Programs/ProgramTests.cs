using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>
/// The published programs take the arguments and variables of the rendered containers, and answer at the paths that
/// probes, monitors, ingresses and helm test ask.
/// </summary>
public sealed class ProgramTests
{
    private static readonly HashSet<string> Seen = new(StringComparer.Ordinal);

    private readonly List<IAsyncDisposable> _world = [];
    private readonly Dictionary<string, string> _addresses = new(StringComparer.Ordinal);
    private string? _database;

    /// <summary>What the containers are connected to.</summary>
    [OneTimeSetUp]
    public async Task StartWorldAsync()
    {
        int port = FreePort.Next();
        string simulator = Path.Combine(AppContext.BaseDirectory, "CiMetrics.Spacelift.Simulator.dll");
        _world.Add(await ServiceProcess.StartAsync(
            Environment.ProcessPath is { } dotnet && Path.GetFileName(dotnet) == "dotnet" ? dotnet : "dotnet", [simulator, "--port", $"{port}"], line => line.Contains("listens on", StringComparison.Ordinal)));
        _addresses["https://example.app.spacelift.io"] = $"http://127.0.0.1:{port}";
    }

    [OneTimeTearDown]
    public async Task StopWorldAsync()
    {
        foreach (IAsyncDisposable each in _world) await each.DisposeAsync();
    }

    [TestCaseSource(typeof(Renderer), nameof(Renderer.ValuesFiles))]
    public async Task Programs_take_the_arguments_and_answer_where_they_are_asked(string values)
    {
        IReadOnlyList<ClusterObject> objects = await Renderer.RenderAsync(values);
        foreach (ClusterObject workload in objects.Where(each => each.IsWorkload && Seen.Add($"{ContainerProgram.Identity(each.Containers.Single())} {each.Component} {Paths(objects, each).Count()}")))
        {
            if (ClusterObject.Texts(workload.Containers.Single()["args"]).Any(argument => argument.StartsWith("--store-file=", StringComparison.Ordinal))) await NeedDatabaseAsync();
            await using ContainerProgram program = ContainerProgram.Start(workload.Containers.Single(), _addresses, folder => Fill(folder, workload, objects));
            foreach ((string port, string path) in Paths(objects, workload))
            {
                await Eventually.TrueAsync(async () => await program.StatusAsync(port, path) == 200, $"{workload} to answer 200 at {port} {path}:\n{string.Join('\n', program.Log)}");
                Assert.That(await program.StatusAsync(port, path + "x"), Is.EqualTo(404), "the program must know which paths it has");
            }

            foreach ((string port, string path) in IngressPaths(objects, workload))
                Assert.That(await program.StatusAsync(port, path, HttpMethod.Post), Is.EqualTo(400).Or.EqualTo(401).Or.EqualTo(415), $"{workload}: {path}");
            await HealthcheckAsync(objects, workload, program);
        }
    }

    /// <summary>The pod of helm test, against the running program.</summary>
    private static async Task HealthcheckAsync(IReadOnlyList<ClusterObject> objects, ClusterObject workload, ContainerProgram program)
    {
        if (objects.SingleOrDefault(each => each.Kind == "Pod" && each.Name == $"{workload.Name}-test") is not { } test) return;
        string[] arguments = [.. ClusterObject.Texts(test.Containers.Single()["args"])];
        string address = arguments.Single(argument => argument.StartsWith("--web.listen-address=", StringComparison.Ordinal)).Split('=')[1];
        ClusterObject service = objects.Single(each => each.Kind == "Service" && each.Name == address.Split(':')[0]);
        string port = (string)ClusterObject.List(service.Spec["ports"]).Single(each => $"{each["port"]}" == address.Split(':')[1])["targetPort"]!;
        (int exitCode, string output) = await AskAsync(program.Ports[port]);
        Assert.That(exitCode, Is.Zero, output);
        (exitCode, output) = await AskAsync(FreePort.Next());
        Assert.That(exitCode, Is.EqualTo(1), output);

        Task<(int ExitCode, string Output)> AskAsync(int to) => program.RunAsync([.. arguments.Select(argument => program.Inside(argument.Replace(address, $"127.0.0.1:{to}", StringComparison.Ordinal)))]);
    }

    /// <summary>Port and path of probes and monitors.</summary>
    private static IEnumerable<(string Port, string Path)> Paths(IReadOnlyList<ClusterObject> objects, ClusterObject workload)
    {
        JsonObject container = workload.Containers.Single();
        foreach (string probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
            yield return ((string)container[probe]!["httpGet"]!["port"]!, (string)container[probe]!["httpGet"]!["path"]!);
        foreach (ClusterObject monitor in objects.Where(each => each.Kind is "ServiceMonitor" or "PodMonitor" && each.Name == workload.Name))
        {
            foreach (JsonObject endpoint in ClusterObject.List(monitor.Spec["endpoints"] ?? monitor.Spec["podMetricsEndpoints"]))
                yield return ((string)endpoint["port"]!, (string?)endpoint["path"] ?? "/metrics");
        }
    }

    private static IEnumerable<(string Port, string Path)> IngressPaths(IReadOnlyList<ClusterObject> objects, ClusterObject workload) => objects
        .Where(each => each.Kind == "Ingress" && each.Name == workload.Name)
        .SelectMany(ingress => ClusterObject.List(ingress.Spec["rules"]))
        .SelectMany(rule => ClusterObject.List(rule["http"]!["paths"]))
        .Select(path => ((string)path["backend"]!["service"]!["port"]!["name"]!, (string)path["path"]!));

    private async Task NeedDatabaseAsync()
    {
        if (_database is not null) return;
        PostgresServer postgres = await PostgresServer.StartAsync();
        _world.Add(postgres);
        _database = postgres.Url;
    }

    /// <summary>What the volumes hold in a cluster: secrets, the configuration, and the folders of runners.</summary>
    private void Fill(Func<string, string> mounted, ClusterObject workload, IReadOnlyList<ClusterObject> objects)
    {
        foreach (string file in ClusterObject.Texts(workload.Containers.Single()["args"]).Where(argument => argument.Contains("=/secrets/", StringComparison.Ordinal)).Select(argument => argument.Split('=')[1]))
            File.WriteAllText(mounted(file), file.StartsWith("/secrets/store/", StringComparison.Ordinal) ? _database : "simulated");
        foreach (JsonObject volume in ClusterObject.List(workload.PodSpec["volumes"]).Where(volume => volume["configMap"] is not null))
        {
            ClusterObject map = objects.Single(each => each.Kind == "ConfigMap" && each.Name == (string)volume["configMap"]!["name"]!);
            foreach ((string name, string text) in ClusterObject.Strings(map.Body["data"])) File.WriteAllText(mounted($"/config/{name}"), text);
        }

        if (workload.Component == "alloy-runner-metrics")
        {
            File.WriteAllText(mounted("/host/config/config.toml"), "concurrent = 4\n");
            File.WriteAllText(mounted("/host/log/gitlab-runner.log"), "");
        }

        if (workload.Component == "github-runner-metrics")
        {
            JsonObject runners = ClusterObject.List(workload.Containers.Single()["volumeMounts"]).Single(mount => (string)mount["name"]! == "runners");
            string folder = mounted((string)runners["mountPath"]!);
            Directory.CreateDirectory(Path.Combine(folder, "_diag"));
            Directory.CreateDirectory(Path.Combine(folder, "one", "_diag"));
        }
    }
}
