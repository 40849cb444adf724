using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>What the command says of itself.</summary>
public sealed class DeployTests
{
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
}
