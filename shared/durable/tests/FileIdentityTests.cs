using CiMetrics.Testing;

namespace CiMetrics.Durable.Tests;

public sealed class FileIdentityTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task It_says_what_stat_says()
    {
        string path = _folder.Write("a", "12345");
        FileIdentity identity = FileIdentity.Of(path)!;
        (_, string output) = await ServiceProcess.RunAsync("/usr/bin/stat", ["-c", "%i %s %.9Y %d", path]);
        ulong device = (((identity.Device >> 32) & 0xfff) << 8) | (identity.Device & 0xff);
        Assert.That(
            $"{identity.Inode} {identity.Size} {identity.ModifiedNanoseconds / 1_000_000_000}.{identity.ModifiedNanoseconds % 1_000_000_000:d9} {device}",
            Is.EqualTo(output.Trim()));
        Assert.That(identity.Modified, Is.EqualTo(new DateTimeOffset(File.GetLastWriteTimeUtc(path))));
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(path);
        Assert.That(FileIdentity.Of(handle), Is.EqualTo(identity));
    }

    [Test]
    public void A_renamed_file_is_the_same_and_a_replaced_one_is_not()
    {
        string path = _folder.Write("a", "x");
        FileIdentity before = FileIdentity.Of(path)!;
        File.Move(path, _folder.PathOf("b"));
        _folder.Write("a", "x");
        Assert.That(FileIdentity.Of(_folder.PathOf("b")), Is.EqualTo(before));
        Assert.That(FileIdentity.Of(path)!.IsSameFileAs(before), Is.False);
    }

    [Test]
    public void Kinds_are_told_apart_and_links_are_not_followed()
    {
        File.CreateSymbolicLink(_folder.PathOf("link"), _folder.Write("a", "x"));
        Assert.That(FileIdentity.Of(_folder.PathOf("a"))!.Kind, Is.EqualTo(FileKind.File));
        Assert.That(FileIdentity.Of(_folder.PathOf("link"))!.Kind, Is.EqualTo(FileKind.Other));
        Assert.That(FileIdentity.Of(_folder.Path)!.Kind, Is.EqualTo(FileKind.Folder));
    }

    [Test]
    public void Where_nothing_is_there_is_no_identity()
    {
        _folder.Write("a", "x");
        Assert.That(FileIdentity.Of(_folder.PathOf("absent")), Is.Null);
        Assert.That(FileIdentity.Of(_folder.PathOf("absent", "deeper")), Is.Null);
        Assert.That(FileIdentity.Of(_folder.PathOf("a", "below a file")), Is.Null);
    }
}
