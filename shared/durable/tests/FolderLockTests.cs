using System.Globalization;
using CiMetrics.Testing;

namespace CiMetrics.Durable.Tests;

public sealed class FolderLockTests
{
    [Test]
    public void A_folder_is_taken_once_until_it_is_let_go()
    {
        using TempFolder folder = new();
        using (FolderLock.Take(folder.Path))
        {
            FolderInUseException? refused = Assert.Throws<FolderInUseException>(() => FolderLock.Take(folder.Path));
            Assert.That(FolderLock.IsTaken(folder.Path), Is.True);
            Assert.That(refused!.Message, Does.Contain(folder.Path).And.Contain("process " + Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        }
        Assert.That(FolderLock.IsTaken(folder.Path), Is.False);
        using FolderLock again = FolderLock.Take(folder.Path);
    }

    [Test]
    public void A_folder_that_nobody_ever_had_is_free()
    {
        using TempFolder folder = new();
        Assert.That(FolderLock.IsTaken(folder.Path), Is.False);
        Assert.That(FolderLock.IsTaken(folder.PathOf("absent")), Is.False);
    }

    [Test]
    public async Task A_killed_process_holds_nothing()
    {
        using TempFolder folder = new();
        await using (ServiceProcess holder = ServiceProcess.Start("/usr/bin/flock", [folder.PathOf("lock"), "/bin/sleep", "60"]))
            await Eventually.TrueAsync(() => IsTaken(folder.Path), "the other process to take the folder");
        await Eventually.TrueAsync(() => !IsTaken(folder.Path), "the folder to be free");
    }

    [Test]
    public async Task A_full_disk_can_be_taken_and_no_earlier_owner_is_named()
    {
        using TempFolder folder = new();
        await using SmallDisk disk = await SmallDisk.MountAsync(folder, "64k");
        string data = disk.PathOf("data");
        Directory.CreateDirectory(data);
        FolderLock.Take(data).Dispose();
        File.WriteAllText(Path.Combine(data, "lock.pid"), "1\n");
        disk.Fill();
        using FolderLock taken = FolderLock.Take(data);
        Assert.That(() => FolderLock.Take(data), Throws.TypeOf<FolderInUseException>().With.Message.Contains("another process").And.Message.Not.Contains("process 1"));
    }

    private static bool IsTaken(string folder)
    {
        try
        {
            FolderLock.Take(folder).Dispose();
            return false;
        }
        catch (FolderInUseException)
        {
            return true;
        }
    }
}
