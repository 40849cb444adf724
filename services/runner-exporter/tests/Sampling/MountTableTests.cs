using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

public sealed class MountTableTests
{
    [Test]
    public void Cgroup_mounts_below_a_folder_are_found()
    {
        const string text = """
            22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct
            41 31 0:38 /../.. /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            50 22 0:38 / /host/sys/fs/cgroup rw - cgroup2 cgroup2 rw
            51 22 0:38 / /sys/fs/cgroup-other rw - cgroup2 cgroup2 rw
            broken line
            """;
        List<CgroupMount> mounts = MountTable.Cgroups(text, "/sys/fs/cgroup/");
        Assert.That(mounts.ConvertAll(mount => (mount.Point, mount.Root, mount.IsV2)), Is.EqualTo(new[]
        {
            ("/sys/fs/cgroup/cpu,cpuacct", "/", false),
            ("/sys/fs/cgroup/unified", "/../..", true),
        }));
        Assert.That(mounts[0].Controllers, Does.Contain("cpuacct"));
        Assert.That(MountTable.Cgroups(text, "/host/sys/fs/cgroup").Single().Point, Is.EqualTo("/host/sys/fs/cgroup"));
    }

    [Test]
    public void Escapes_are_undone()
    {
        CgroupMount mount = MountTable.Cgroups(@"1 1 0:1 / /a\040b\134c\0 rw - cgroup2 x rw", "/").Single();
        Assert.That(mount.Point, Is.EqualTo(@"/a b\c\0"));
    }

    [TestCase("/docker/x", "/", 0, "docker/x")]
    [TestCase("/docker/x", "/docker", 0, "x")]
    [TestCase("/docker/x", "/docker/x", 0, "")]
    [TestCase("/../b", "/..", 0, "b")]
    [TestCase("/../b", "/../..", 1, "b")]
    [TestCase("/a", "/../../..", 3, "a")]
    public void A_path_below_a_mounts_root(string path, string root, int unknown, string names)
    {
        (int Unknown, string[] Names)? below = CgroupPath.TryParse(path)!.Below(CgroupPath.TryParse(root)!);
        Assert.That(below, Is.Not.Null);
        Assert.That((below!.Value.Unknown, string.Join('/', below.Value.Names)), Is.EqualTo((unknown, names)));
    }

    [TestCase("/docker/x", "/dock")]
    [TestCase("/docker/x", "/other")]
    [TestCase("/../b", "/")]
    [TestCase("/../b", "/../c")]
    [TestCase("/b", "/../c")]
    public void A_path_that_is_not_below(string path, string root) =>
        Assert.That(CgroupPath.TryParse(path)!.Below(CgroupPath.TryParse(root)!), Is.Null);

    [TestCase("")]
    [TestCase("docker/x")]
    [TestCase("/docker/../x")]
    [TestCase("/docker/./x")]
    public void Other_texts_are_no_paths(string text) => Assert.That(CgroupPath.TryParse(text), Is.Null);

    [Test]
    public void A_path_is_written_as_it_was_read() => Assert.That(CgroupPath.TryParse("/../../a/b")!.ToString(), Is.EqualTo("/../../a/b"));
}
