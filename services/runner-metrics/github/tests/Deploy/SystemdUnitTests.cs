using System.Globalization;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The unit file as systemd reads it.</summary>
public sealed partial class SystemdUnitTests
{
    private const string Name = "github-runner-metrics.service";
    private const string Installed = "/opt/github-runner-metrics/github-runner-metrics";

    private static string Path { get; } = Repository.PathOf("deploy", "systemd", Name);

    [Test]
    public async Task Systemd_finds_nothing_wrong_with_it()
    {
        using TempFolder folder = new();
        string unit = folder.Write(Name, File.ReadAllText(Path).Replace(Installed, Published.Binary("github-runner-metrics"), StringComparison.Ordinal));
        (int exitCode, string output) = await ServiceProcess.RunAsync(Requires.Program("systemd-analyze", "systemd"), ["verify", unit]);
        Assert.That((exitCode, Complaints(output)), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task It_is_hardened()
    {
        (_, string output) = await ServiceProcess.RunAsync(Requires.Program("systemd-analyze", "systemd"), ["security", "--offline=true", Path]);
        Match exposure = Exposure().Match(output);
        Assert.That(exposure.Success, output);
        Assert.That(double.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture), Is.LessThan(2.5), output);
    }

    // Where systemd does not run it says so; that is no complaint about the unit.
    private static string Complaints(string output) => string.Join('\n', output.Split('\n').Where(line => line.Contains(Name, StringComparison.Ordinal)));

    [GeneratedRegex(@"exposure level for \S+: (?<level>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exposure();
}
