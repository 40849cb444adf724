using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Durable.Tests;

public sealed class AtomicFileTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void A_file_takes_the_place_of_the_older_one_and_nothing_else_stays()
    {
        string path = _folder.PathOf("state.json");
        AtomicFile.Write(path, "a long first content"u8);
        AtomicFile.Write(path, "second"u8);
        Assert.That(File.ReadAllText(path), Is.EqualTo("second"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.EqualTo([path]));
    }

    [Test]
    public void A_file_is_its_owners_alone_unless_a_mode_is_given()
    {
        const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherRead;
        AtomicFile.Write(_folder.PathOf("own"), "x"u8);
        AtomicFile.Write(_folder.PathOf("shared"), "x"u8, Shared);
        Assert.That(File.GetUnixFileMode(_folder.PathOf("own")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(File.GetUnixFileMode(_folder.PathOf("shared")), Is.EqualTo(Shared), "whatever the umask is");
    }

    [Test]
    public void What_breaks_while_it_is_written_leaves_the_older_file_and_no_other()
    {
        string path = _folder.Write("state", "old");
        Assert.That(
            () => AtomicFile.Write(path, handle =>
            {
                RandomAccess.Write(handle, "half of the n"u8, 0);
                throw new IOException("the disk is gone");
            }),
            Throws.TypeOf<IOException>());
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Leftovers_of_killed_writers_are_removed_and_other_files_stay()
    {
        _folder.Write(".state.0123456789abcdef.tmp", "half");
        _folder.Write("work.tmp", "a file of somebody's own");
        AtomicFile.RemoveLeftovers(_folder.Path);
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.EqualTo([_folder.PathOf("work.tmp")]));
    }

    [Test]
    public async Task A_full_disk_is_an_error_and_the_older_file_stays()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(_folder, "64k");
        string path = disk.PathOf("state");
        AtomicFile.Write(path, "old"u8);
        Assert.That(() => AtomicFile.Write(path, new byte[1 << 20]), Throws.InstanceOf<IOException>());
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        AtomicFile.Write(path, Encoding.ASCII.GetBytes("new"));
        Assert.That(File.ReadAllText(path), Is.EqualTo("new"));
    }

    [Test]
    public void Folders_are_created_with_their_parents()
    {
        Folders.Create(_folder.PathOf("a", "b", "c"));
        Folders.Create(_folder.PathOf("a", "b", "c"));
        Assert.That(Directory.Exists(_folder.PathOf("a", "b", "c")));
        Assert.That(
            File.GetUnixFileMode(_folder.PathOf("a")),
            Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public void A_folder_that_is_not_there_cannot_be_synced_and_is_named() =>
        Assert.That(
            () => Folders.Sync(_folder.PathOf("absent")),
            Throws.InstanceOf<IOException>().With.Message.Contains(_folder.PathOf("absent")).And.Message.Contains("No such file"));
}
