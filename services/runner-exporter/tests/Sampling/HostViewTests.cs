using System.Net.Sockets;
using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

/// <summary>What the program says of its own view at start, from the files that a host shows.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HostViewTests : IDisposable
{
    private readonly CgroupTree _tree = new();
    private readonly TempFolder _folder = new();
    private readonly Socket _engine = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private string SocketPath => _folder.PathOf("d.sock");

    [SetUp]
    public void The_engine_listens()
    {
        _engine.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _engine.Listen();
    }

    [TestCase("v1")]
    [TestCase("v2")]
    [TestCase("hybrid")]
    public void A_host_that_shows_everything_gives_figures_from_its_cgroups_and_a_final_sample(string version)
    {
        _tree.Proc("1/cgroup", version == "v2" ? "0::/init.scope\n" : "2:cpuacct,cpu:/\n0::/init.scope\n");
        if (version != "v2") _tree.MountsV1(coMounted: true);
        if (version != "v1") _tree.Mount(version == "v2" ? "" : "unified", "/", "cgroup2", "rw");
        HostView view = Look();
        Assert.That((view.Figures, view.Cgroup, view.FinalSample), Is.EqualTo((FigureSource.Cgroup, version, true)), view.Reason);
    }

    [Test]
    public void Hidden_processes_a_part_of_the_cgroups_and_no_cgroups_are_told_apart()
    {
        _tree.Proc("self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
        Assert.That(Look().Reason, Does.Contain("no cgroup is mounted below"));

        _tree.Mount("", "/", "cgroup2", "rw");
        Assert.That(Look().Reason, Does.Contain("hidepid"));

        // As a container sees it that has a cgroup namespace of its own and the host's PIDs.
        _tree.Proc("1/cgroup", "0::/../../init.scope\n");
        HostView view = Look();
        Assert.That((view.Figures, view.FinalSample), Is.EqualTo((FigureSource.Api, false)));
        Assert.That(view.Reason, Does.Contain("only a part of the host's cgroups"));
    }

    [Test]
    public void An_engine_over_TCP_is_taken_to_be_elsewhere()
    {
        HostView view = HostView.Look(DockerEndpoint.Parse("tcp://192.0.2.1:2375").Endpoint!, _tree.Paths);
        Assert.That((view.Figures, view.Cgroup), Is.EqualTo((FigureSource.Api, "none")));
    }

    [Test]
    public void An_engine_that_is_not_there_yet_is_waited_for_by_nobody_and_said_so()
    {
        _engine.Dispose();
        _tree.Mount("", "/", "cgroup2", "rw");
        _tree.Proc("1/cgroup", "0::/init.scope\n");
        HostView view = Look();
        Assert.That(view.Figures, Is.EqualTo(FigureSource.Cgroup));
        Assert.That(view.Reason, Does.Contain("the engine was not there"));
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
        _tree.Dispose();
    }

    private HostView Look() => HostView.Look(DockerEndpoint.Parse($"unix://{SocketPath}").Endpoint!, _tree.Paths);
}
