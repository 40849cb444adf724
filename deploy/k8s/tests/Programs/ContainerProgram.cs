using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>
/// A container's program as the image would start it (ENTRYPOINT, CMD and ENV of the Dockerfile, args and env of the
/// container), run from artifacts/publish: mounted folders are folders of the test's own, ports are free ones on loopback.
/// </summary>
internal sealed partial class ContainerProgram : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private ServiceProcess? _process;

    private ContainerProgram(JsonObject container) => Container = container;

    public JsonObject Container { get; }

    /// <summary>The real port of each named one.</summary>
    public Dictionary<string, int> Ports { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Log => _process?.Log ?? [];

    private string Path { get; set; } = "";

    private List<string> Arguments { get; set; } = [];

    private Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts a container of ours. <paramref name="replaced"/>: what only the world outside of the container has, such as addresses.</summary>
    public static ContainerProgram Start(JsonObject container, IReadOnlyDictionary<string, string> replaced, Action<Func<string, string>>? prepare = null)
    {
        ContainerProgram program = new(container);
        program.Compose(replaced);
        prepare?.Invoke(program.Mounted);
        program._process = ServiceProcess.Start(program.Path, program.Arguments, program.Environment);
        return program;
    }

    /// <summary>Whether an image is one of this repository's.</summary>
    public static bool IsOurs(JsonObject container) => Dockerfiles.Value.ContainsKey(ImageName(container));

    /// <summary>Arguments and variables, to know what was run already.</summary>
    public static string Identity(JsonObject container) => $"{ImageName(container)} {container["args"]?.ToJsonString()} {container["env"]?.ToJsonString()}";

    /// <summary>The folder that stands in for a place in the container.</summary>
    public string Mounted(string path)
    {
        string? mount = ClusterObject.List(Container["volumeMounts"]).Select(each => (string)each["mountPath"]!)
            .Where(each => each != "/tmp" && (path == each || path.StartsWith($"{each}/", StringComparison.Ordinal))).MaxBy(each => each.Length);
        return mount is null ? path : _folder.PathOf(mount.Trim('/').Replace('/', '-')) + path[mount.Length..];
    }

    /// <summary>An argument with the folders that stand in for those of the container.</summary>
    public string Inside(string argument) => PathForm().Replace(argument, match => Mounted(match.Value));

    /// <summary>Runs another command of the same program to its end.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => ServiceProcess.RunAsync(Path, arguments, Environment);

    /// <summary>The status of a GET, once the program answers at all.</summary>
    public async Task<int> StatusAsync(string port, string path, HttpMethod? method = null)
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(20) };
        return int.Parse(await Eventually.GetAsync(
            async () =>
            {
                if (_process!.HasExited) throw new AssertionException($"{Path} {string.Join(' ', Arguments)} ended:\n{string.Join('\n', Log)}");
                using HttpRequestMessage request = new(method ?? HttpMethod.Get, $"http://127.0.0.1:{Ports[port]}{path}");
                using HttpResponseMessage answer = await client.SendAsync(request);
                return $"{(int)answer.StatusCode}";
            },
            $"an answer of {Path} at {port} {path}"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static readonly Lazy<Dictionary<string, string>> Dockerfiles = new(() => Directory
        .GetFiles(Repository.PathOf("services"), "Dockerfile", SearchOption.AllDirectories)
        .ToDictionary(file => BuildLine().Match(File.ReadLines(file).First()).Groups["name"].Value, StringComparer.Ordinal));

    private static string ImageName(JsonObject container) => ((string)container["image"]!).Split('/')[^1].Split('@')[0].Split(':')[0];

    private void Compose(IReadOnlyDictionary<string, string> replaced)
    {
        string[] dockerfile = File.ReadAllLines(Dockerfiles.Value[ImageName(Container)]);
        // What stands before the last FROM belongs to the stage that builds.
        string[] stage = dockerfile[Array.FindLastIndex(dockerfile, line => line.StartsWith("FROM ", StringComparison.Ordinal))..];
        string[] entry = Instruction(stage, "ENTRYPOINT");
        string[] arguments = Container["args"] is { } own ? [.. ClusterObject.Texts(own)] : Instruction(stage, "CMD");
        Path = Published.Binary(System.IO.Path.GetFileName(entry[0]));

        foreach (string mount in ClusterObject.List(Container["volumeMounts"]).Select(each => (string)each["mountPath"]!).Where(each => each != "/tmp")) Directory.CreateDirectory(Mounted(mount));
        List<string> all = [.. entry[1..].Concat(arguments).Select(argument => Translated(argument, replaced))];
        foreach (JsonObject port in ClusterObject.List(Container["ports"]))
        {
            Regex form = new($"(?<=[:=]){port["containerPort"]}$", RegexOptions.None, TimeSpan.FromSeconds(1));
            int index = all.FindIndex(argument => form.IsMatch(argument));
            Assert.That(index, Is.Not.Negative, $"no argument of {Path} names the port {port["containerPort"]}: {string.Join(' ', all)}");
            int free = Ports[(string)port["name"]!] = FreePort.Next();
            all[index] = form.Replace(all[index], $"{free}").Replace("=:", "=127.0.0.1:", StringComparison.Ordinal);
        }

        Arguments = all;
        foreach (string line in stage.Where(line => line.StartsWith("ENV ", StringComparison.Ordinal)))
        {
            foreach (string[] pair in line[4..].Split(' ').Select(each => each.Split('=', 2))) Environment[pair[0]] = Translated(pair[1], replaced);
        }

        foreach (JsonObject variable in ClusterObject.List(Container["env"]))
            Environment[(string)variable["name"]!] = variable["value"] is { } value ? Translated((string)value!, replaced) : "from-the-pod";
        Environment["BITBUCKET_RUNNER_EXPORTER__BIND"] = "127.0.0.1";
    }

    private string Translated(string text, IReadOnlyDictionary<string, string> replaced)
    {
        foreach ((string from, string to) in replaced) text = text.Replace(from, to, StringComparison.Ordinal);
        return Inside(text);
    }

    private static string[] Instruction(string[] stage, string name) => stage.LastOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal)) is { } line
        ? [.. JsonNode.Parse(line[name.Length..])!.AsArray().Select(each => (string)each!)]
        : [];

    [GeneratedRegex(@"docker build .*-t (?<name>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BuildLine();

    /// <summary>A path as the whole of an argument or as what follows its = or ://.</summary>
    [GeneratedRegex(@"(?<=^|=|unix://)/[^/].*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PathForm();
}
