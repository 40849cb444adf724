using System.Globalization;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Deploy;

/// <summary>The unit file as systemd reads it.</summary>
public sealed partial class SystemdUnitTests
{
    private const string Name = "bitbucket-runner-exporter.service";
    private const string Installed = "/opt/bitbucket-runner-exporter/bitbucket-runner-exporter";

    private static string Unit { get; } = File.ReadAllText(Repository.PathOf("deploy", "systemd", Name));

    [Test]
    public async Task Systemd_finds_nothing_wrong_with_it()
    {
        using TempFolder folder = new();
        // Systemd looks for the program too.
        string unit = folder.Write(Name, Unit.Replace(Installed, Published.Binary("bitbucket-runner-exporter"), StringComparison.Ordinal));
        (int exitCode, string output) = await ServiceProcess.RunAsync(Requires.Program("systemd-analyze", "systemd"), ["verify", unit]);
        Assert.That((exitCode, Complaints(output)), Is.EqualTo((0, "")));

        (_, output) = await ServiceProcess.RunAsync(
            Requires.Program("systemd-analyze", "systemd"), ["verify", folder.Write(Name, File.ReadAllText(unit).Replace("NoNewPrivileges=", "NoSuchSetting=", StringComparison.Ordinal))]);
        Assert.That(Complaints(output), Does.Contain("NoSuchSetting"), "it would have been said");
    }

    [Test]
    public async Task It_is_hardened()
    {
        string unit = Repository.PathOf("deploy", "systemd", Name);
        (_, string output) = await ServiceProcess.RunAsync(Requires.Program("systemd-analyze", "systemd"), ["security", "--offline=true", unit]);
        Match exposure = Exposure().Match(output);
        Assert.That(exposure.Success, output);
        Assert.That(double.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture), Is.LessThan(2.5), output);
    }

    [Test]
    public void What_would_blind_the_exporter_or_stop_its_runtime_is_not_set()
    {
        string[] settings = [.. Unit.Split('\n').Where(line => !line.StartsWith('#')).Select(line => line.Split('=')[0])];
        Assert.That(settings, Has.No.Member("MemoryDenyWriteExecute").And.No.Member("ProtectProc").And.No.Member("ProcSubset").And.No.Member("PrivateUsers").And.No.Member("Requires"));
        Assert.That(Unit, Does.Contain($"\nExecStart={Installed} -config-file /etc/bitbucket-runner-exporter/config.yml\n").And.Contain("\nSupplementaryGroups=docker\n"));
    }

    // Where systemd does not run it says so; that is no complaint about the unit.
    private static string Complaints(string output) => string.Join('\n', output.Split('\n').Where(line => line.Contains(Name, StringComparison.Ordinal)));

    [GeneratedRegex(@"exposure level for \S+: (?<level>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exposure();
}
