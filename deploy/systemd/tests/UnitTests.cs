using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Systemd.Tests;

/// <summary>Every unit of the folder above, as systemd reads it and as its program starts with it.</summary>
public sealed partial class UnitTests
{
    // What would stop the runtime, or tie a runner and its observer to each other.
    private static readonly string[] Harmful = ["MemoryDenyWriteExecute", "Requires", "BindsTo", "PartOf"];

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Repository.PathOf("deploy", "systemd"), "*.service").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    [Test]
    public void Every_program_has_one() =>
        Assert.That(Names.Select(name => Path.GetFileNameWithoutExtension(name)), Is.EquivalentTo(Directory.EnumerateDirectories(Repository.PathOf("artifacts", "publish")).Select(Path.GetFileName)));

    [TestCaseSource(nameof(Names))]
    public async Task Systemd_finds_nothing_wrong_with_it(string name)
    {
        using TempFolder folder = new();
        string systemd = Requires.Program("systemd-analyze", "systemd");
        UnitFile unit = UnitFile.Read(name);
        // Systemd looks for the program too.
        string path = folder.Write(name, unit.Text.Replace(unit.Program, unit.Binary, StringComparison.Ordinal));
        (int exitCode, string output) = await ServiceProcess.RunAsync(systemd, ["verify", path]);
        Assert.That((exitCode, Complaints(output, name)), Is.EqualTo((0, "")));

        folder.Write(name, File.ReadAllText(path).Replace("NoNewPrivileges=", "NoSuchSetting=", StringComparison.Ordinal));
        (_, output) = await ServiceProcess.RunAsync(systemd, ["verify", path]);
        Assert.That(Complaints(output, name), Does.Contain("NoSuchSetting"), "it would have been said");
    }

    [TestCaseSource(nameof(Names))]
    public async Task It_is_hardened(string name)
    {
        (_, string output) = await ServiceProcess.RunAsync(Requires.Program("systemd-analyze", "systemd"), ["security", "--offline=true", Repository.PathOf("deploy", "systemd", name)]);
        Match exposure = Exposure().Match(output);
        Assert.That(exposure.Success, output);
        Assert.That(double.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture), Is.LessThan(2.5), output);
        Assert.That(UnitFile.Read(name).Settings.Select(setting => setting.Key), Has.No.AnyOf(Harmful.Cast<object>().ToArray()));
    }

    /// <summary>All else is read-only for them.</summary>
    [TestCase("alloy-runner-metrics.service", "StateDirectory=alloy-runner-metrics")]
    [TestCase("exporter.service", "StateDirectory=ci-sidecar", "ReadWritePaths=/var/spool/ci-jobs")]
    [TestCase("github-runner-metrics.service", "StateDirectory=github-runner-metrics", "ReadWritePaths=-/opt/actions-runner/metrics-hooks/spool")]
    [TestCase("receiver.service", "StateDirectory=ci-receiver")]
    [TestCase("bitbucket-runner-exporter.service")]
    [TestCase("spacelift-promex.service")]
    public void It_may_write_where_it_keeps_its_state_and_nowhere_else(string name, params string[] writable)
    {
        IEnumerable<string> settings = UnitFile.Read(name).Settings.Select(setting => $"{setting.Key}={setting.Value}");
        Assert.That(settings, Does.Contain("ProtectSystem=strict"));
        Assert.That(settings.Where(setting => setting.StartsWith("StateDirectory=", StringComparison.Ordinal) || setting.StartsWith("ReadWritePaths=", StringComparison.Ordinal)), Is.EquivalentTo(writable));
    }

    /// <summary>Systemd ends for good what was started five times within ten seconds, whatever <c>Restart=</c> says.</summary>
    [TestCaseSource(nameof(Names))]
    public void It_is_restarted_as_often_as_it_takes(string name)
    {
        Dictionary<string, string> settings = UnitFile.Read(name).Settings.Where(setting => setting.Key is "Restart" or "RestartSec" or "StartLimitIntervalSec").ToDictionary(StringComparer.Ordinal);
        Assert.That(settings["Restart"], Is.EqualTo("always"));
        Assert.That(settings.GetValueOrDefault("StartLimitIntervalSec") == "0" || int.Parse(settings["RestartSec"], CultureInfo.InvariantCulture) * 5 > 10, name);
    }

    [TestCase("bitbucket-runner-exporter.service")]
    [TestCase("alloy-runner-metrics.service")]
    [TestCase("github-runner-metrics.service")]
    public void What_would_hide_the_processes_that_it_watches_is_not_set(string name) =>
        Assert.That(UnitFile.Read(name).Settings.Select(setting => setting.Key), Has.No.Member("ProtectProc").And.No.Member("ProcSubset").And.No.Member("PrivateUsers"));

    /// <summary>With the very command line of the unit, on other paths and ports.</summary>
    [TestCaseSource(nameof(Names))]
    public async Task Its_command_starts_and_says_so_to_systemd(string name)
    {
        using TempFolder folder = new();
        UnitFile unit = UnitFile.Read(name);
        StartedUnit started = StartedUnit.Prepare(unit, folder);
        string path = folder.PathOf("notify");
        using Socket notify = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        notify.Bind(new UnixDomainSocketEndPoint(path));
        Dictionary<string, string> environment = new(started.Environment, StringComparer.Ordinal) { ["NOTIFY_SOCKET"] = path };
        await using ServiceProcess process = ServiceProcess.Start(unit.Binary, started.Arguments, environment);
        Assert.That(Receive(notify, process), Is.EqualTo("READY=1"));
        process.Signal(Signals.Terminate);
        Assert.That(Receive(notify, process), Is.EqualTo("STOPPING=1"));
        Assert.That(await process.WaitForExitAsync(), Is.Zero);
        if (unit.Settings.Any(setting => setting.Key == "StateDirectory")) Assert.That(Directory.EnumerateFileSystemEntries(folder.PathOf("state")), Is.Not.Empty, "the state folder is used");
    }

    private static string Receive(Socket socket, ServiceProcess process)
    {
        byte[] buffer = new byte[256];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
        }
        catch (SocketException exception)
        {
            return exception.Message + "\n" + string.Join('\n', process.Log);
        }
    }

    // Where systemd does not run it says so; that is no complaint about the unit.
    private static string Complaints(string output, string name) => string.Join('\n', output.Split('\n').Where(line => line.Contains(name, StringComparison.Ordinal)));

    [GeneratedRegex(@"exposure level for \S+: (?<level>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exposure();
}
