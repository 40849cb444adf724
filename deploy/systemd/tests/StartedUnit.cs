using CiMetrics.Testing;

namespace CiMetrics.Systemd.Tests;

/// <summary>A unit's command and environment with every path below a folder of the test, and a free port.</summary>
internal sealed record StartedUnit(string[] Arguments, IReadOnlyDictionary<string, string> Environment)
{
    // The files that an administrator writes, and the variables in them that give the port.
    private static readonly Dictionary<string, Action<TempFolder, Dictionary<string, string>, int>> Installed = new(StringComparer.Ordinal)
    {
        ["bitbucket-runner-exporter"] = (folder, variables, port) =>
        {
            folder.Write("etc/bitbucket-runner-exporter/config.yml", $"port: {port}\n");
            variables["DOCKER_HOST"] = $"unix://{folder.PathOf("docker.sock")}";
        },
        ["spacelift-promex"] = (folder, variables, port) =>
        {
            folder.Write("credentials/api-key-secret", "secret\n");
            variables["CREDENTIALS_DIRECTORY"] = folder.PathOf("credentials");
            variables["SPACELIFT_PROMEX_API_ENDPOINT"] = "http://127.0.0.1:9";
            variables["SPACELIFT_PROMEX_API_KEY_ID"] = "id";
            variables["SPACELIFT_PROMEX_LISTEN_ADDRESS"] = $"127.0.0.1:{port}";
        },
        ["receiver"] = (_, variables, port) => variables["RECEIVER__WEB_LISTEN_ADDRESS"] = $"127.0.0.1:{port}",
        ["exporter"] = (folder, variables, _) =>
        {
            Directory.CreateDirectory(folder.PathOf("var/spool/ci-jobs"));
            variables["RECEIVER_HOSTNAME"] = "127.0.0.1:9";
        },
        ["alloy-runner-metrics"] = (folder, variables, port) =>
        {
            folder.Write("etc/alloy-runner/config.toml", "concurrent = 1\n");
            variables["METRICS_SERVER"] = $"127.0.0.1:{port}";
        },
        ["github-runner-metrics"] = (folder, variables, port) =>
        {
            Directory.CreateDirectory(folder.PathOf("opt/actions-runner/_diag"));
            variables["GITHUB_RUNNER_METRICS__WEB_LISTEN_ADDRESS"] = $"127.0.0.1:{port}";
        },
    };

    /// <summary>Makes what the unit's command needs.</summary>
    public static StartedUnit Prepare(UnitFile unit, TempFolder folder)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        Installed[Path.GetFileName(unit.Program)](folder, variables, FreePort.Next());
        if (unit.Settings.Any(setting => setting.Key == "StateDirectory"))
            variables["STATE_DIRECTORY"] = Directory.CreateDirectory(folder.PathOf("state")).FullName;
        string[] arguments = [.. unit.Command[1..].Select(word => variables
            .Aggregate(word, (filled, variable) => filled.Replace($"${{{variable.Key}}}", variable.Value, StringComparison.Ordinal)))
            .Select(word => word.StartsWith("/etc/", StringComparison.Ordinal) || word.StartsWith("/opt/", StringComparison.Ordinal) || word.StartsWith("/var/", StringComparison.Ordinal) ? folder.PathOf(word[1..]) + (word.EndsWith('/') ? "/" : "") : word)];
        return new StartedUnit(arguments, variables);
    }
}
