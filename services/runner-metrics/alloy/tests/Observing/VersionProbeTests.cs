using CiMetrics.AlloyRunner.Observing;
using CiMetrics.RunnerMetrics.Processes;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.Observing;

/// <summary>The runner's program is run with our rights: only what was looked at may be run.</summary>
public sealed class VersionProbeTests
{
    /// <summary>By its name another program could be run that came to have it after the look. A script is told how it was run.</summary>
    [Test]
    public async Task It_is_the_file_that_is_run_and_not_what_has_its_name_by_then()
    {
        using TempFolder folder = new();
        string program = folder.Write("bin/alloy-runner", "#!/bin/bash\nif [ \"$1\" = --version ]; then printf 'Version: %s\\nGO version: go1\\n' \"$0\"; else sleep 300; fi\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using ServiceProcess runner = ServiceProcess.Start("/bin/bash", [program, "run"]);
        VersionProbe probe = new(new ProcFolder("/proc"), ["alloy-runner"]);
        RunnerVersion version = await Eventually.GetAsync(async () => (await probe.AskAsync(runner.Pid, CancellationToken.None)).Version, "the version");
        Assert.That(version.Name, Is.EqualTo("alloy-runner"));
        Assert.That(version.Version, Does.Match("^/proc/[0-9]+/fd/[0-9]+$"));
    }
}
