using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>What users install, as systemd reads it, and what the command says of itself.</summary>
public sealed partial class DeployTests
{
    private const string Name = "alloy-runner-metrics.service";
    private const string Installed = "/opt/alloy-runner-metrics/alloy-runner-metrics";

    private static string Unit { get; } = File.ReadAllText(Repository.PathOf("deploy", "systemd", Name));

    [Test]
    public async Task Systemd_finds_nothing_wrong_with_the_unit()
    {
        using TempFolder folder = new();
        string unit = folder.Write(Name, Unit.Replace(Installed, Observer.Binary, StringComparison.Ordinal));
        (int exitCode, string output) = await ServiceProcess.RunAsync(Requires.Program("systemd-analyze", "systemd"), ["verify", unit]);
        // Where systemd does not run it says so; that is no complaint about the unit.
        Assert.That((exitCode, string.Join('\n', output.Split('\n').Where(line => line.Contains(Name, StringComparison.Ordinal)))), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task The_unit_is_hardened()
    {
        (_, string output) = await ServiceProcess.RunAsync(
            Requires.Program("systemd-analyze", "systemd"), ["security", "--offline=true", Repository.PathOf("deploy", "systemd", Name)]);
        Match exposure = Exposure().Match(output);
        Assert.That(exposure.Success, output);
        Assert.That(double.Parse(exposure.Groups["level"].Value), Is.LessThan(2.5), output);
    }

    [Test]
    public async Task The_help_text_is_the_golden_one()
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(Observer.Binary, ["run", "--help"], new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = "/home/user", ["XDG_STATE_HOME"] = "" });
        Assert.That(exitCode, Is.Zero);
        Golden.Check(output + "\n", "help.golden");
    }

    [Test]
    public async Task Two_of_them_on_one_state_are_one_too_many()
    {
        using TempFolder folder = new();
        await using Observer first = await Observer.StartAsync(folder);
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            Observer.Binary, ["run", "--config", folder.PathOf("config.toml"), "--log-file", folder.PathOf("log"), "--metrics-server", "127.0.0.1:0", "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"]);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("--state-dir").And.Contain($"{first.Process.Pid}"));
    }

    [GeneratedRegex(@"exposure level for \S+: (?<level>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exposure();
}
