using System.Globalization;
using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

/// <summary>
/// cgroup v2 as the running kernel has it, also where Docker uses v1: a cgroup with a container's name is made in the v2
/// hierarchy, a process is put into it, and only what /proc says of that process is written by the test.
/// </summary>
public sealed class CgroupKernelTests
{
    private const string Cgroup = $"docker-{CgroupTree.Id}.scope";

    private TempFolder _folder = null!;

    private string Mount => _folder.PathOf("cg");

    private string Group => _folder.PathOf("cg", Cgroup);

    [SetUp]
    public async Task MountV2()
    {
        Requires.Root();
        _folder = new TempFolder();
        Directory.CreateDirectory(Mount);
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/mount", ["-t", "cgroup2", "none", Mount]);
        Assert.That(exitCode, Is.Zero, output);
        Directory.CreateDirectory(Group);
    }

    [TearDown]
    public async Task UnmountV2()
    {
        if (_folder is null) return;
        if (Directory.Exists(Group)) Directory.Delete(Group);
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/umount", [Mount]);
        // What is still mounted must not be deleted file by file.
        Assert.That(exitCode, Is.Zero, output);
        _folder.Dispose();
    }

    [Test]
    public async Task A_burner_is_seen_while_it_lives_and_gone_when_its_cgroup_is_removed()
    {
        ISampler sampler;
        await using (ServiceProcess burner = ServiceProcess.Start("/bin/sh", ["-c", "while :; do :; done"]))
        {
            await File.WriteAllTextAsync($"{Group}/cgroup.procs", burner.Pid.ToString(CultureInfo.InvariantCulture));
            _folder.Write($"proc/{burner.Pid}/cgroup", $"0::/{Cgroup}\n");
            _folder.Write("proc/self/mountinfo", await File.ReadAllTextAsync("/proc/self/mountinfo"));
            using DockerClient client = new(DockerEndpoint.Parse(null).Endpoint!, null, TimeProvider.System);
            using SamplerFactory factory = new(client, new HostPaths(_folder.PathOf("proc"), Mount), TimeProvider.System);
            SamplerChoice choice = factory.Create(CgroupTree.Id, burner.Pid, "host");
            sampler = choice.Sampler;
            Assert.That(choice.Reason, Is.EqualTo($"cgroup files in {Group}"));

            ContainerSample first = await TakeAsync(sampler);
            // The kernel books CPU time tick by tick (4 ms at 250 Hz): only over many ticks do cores mean something.
            ContainerSample second = first;
            await Eventually.TrueAsync(
                async () =>
                {
                    second = await TakeAsync(sampler);
                    return second.ReadNanoseconds - first.ReadNanoseconds > 500_000_000;
                },
                "half a second to pass");
            Assert.That(ContainerSample.CpuCores(first, second), Is.InRange(0.02, 1.1), "one shell burns one core at most");
        }

        await Eventually.TrueAsync(() => (File.ReadAllText($"{Group}/cgroup.procs")).Length == 0, "the burner to leave its cgroup");
        Directory.Delete(Group);
        SampleOutcome outcome = await sampler.SampleAsync(CancellationToken.None);
        sampler.Dispose();
        Assert.That(outcome.Status, Is.EqualTo(SampleStatus.Gone), outcome.Reason);
    }

    [Test]
    public async Task The_pressure_of_two_burners_on_one_processor_is_the_kernels()
    {
        if (!File.Exists($"{Group}/cpu.pressure")) Requires.Missing("the kernel has no pressure stall information");
        await using (ServiceProcess burner = ServiceProcess.Start(
            "/usr/bin/taskset", ["-c", "0", "/bin/sh", "-c", $"echo $$ > {Group}/cgroup.procs; (while :; do :; done) & while :; do :; done"]))
        {
            await Eventually.TrueAsync(() => Kernel().Some > 0, "the kernel to see one of them wait");
            _folder.Write($"proc/{burner.Pid}/cgroup", $"0::/{Cgroup}\n");
            _folder.Write("proc/self/mountinfo", await File.ReadAllTextAsync("/proc/self/mountinfo"));
            using DockerClient client = new(DockerEndpoint.Parse(null).Endpoint!, null, TimeProvider.System);
            using SamplerFactory factory = new(client, new HostPaths(_folder.PathOf("proc"), Mount), TimeProvider.System);
            using ISampler sampler = factory.Create(CgroupTree.Id, burner.Pid, "host").Sampler;
            Pressure before = Kernel();
            Pressure shown = (await TakeAsync(sampler)).CpuPressure;
            Pressure after = Kernel();
            Assert.That(shown.Some, Is.InRange(before.Some!, after.Some!).And.Positive);
            Assert.That(shown.Full, Is.InRange(before.Full!, after.Full!));
        }

        await Eventually.TrueAsync(() => File.ReadAllText($"{Group}/cgroup.procs").Length == 0, "the burners to leave their cgroup");

        Pressure Kernel() => CgroupFiles.Pressure(File.ReadAllBytes($"{Group}/cpu.pressure"));
    }

    private static async Task<ContainerSample> TakeAsync(ISampler sampler)
    {
        SampleOutcome outcome = await sampler.SampleAsync(CancellationToken.None);
        Assert.That(outcome.TryGet(out ContainerSample? sample), Is.True, outcome.Reason);
        return sample!;
    }
}
