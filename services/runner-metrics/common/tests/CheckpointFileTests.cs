using CiMetrics.Durable;
using CiMetrics.RunnerMetrics.Checkpoints;
using CiMetrics.Testing;

namespace CiMetrics.RunnerMetrics.Tests;

public sealed class CheckpointFileTests
{
    [Test]
    public void The_last_record_is_found_again()
    {
        using TempFolder folder = new();
        using (CheckpointFile first = CheckpointFile.Open(folder.PathOf("state")))
        {
            Assert.That(first.Found, Is.Null);
            first.Save("one"u8);
            first.Save("two"u8);
        }
        using CheckpointFile second = CheckpointFile.Open(folder.PathOf("state"));
        Assert.That(second.Found, Is.EqualTo("two"u8.ToArray()));
    }

    [Test]
    public void A_second_process_is_refused()
    {
        using TempFolder folder = new();
        using CheckpointFile first = CheckpointFile.Open(folder.Path);
        Assert.That(() => CheckpointFile.Open(folder.Path), Throws.InstanceOf<FolderInUseException>());
    }

    [Test]
    public void Any_changed_byte_is_noticed()
    {
        using TempFolder folder = new();
        using (CheckpointFile first = CheckpointFile.Open(folder.Path)) first.Save("counters and position"u8);
        string path = folder.PathOf("checkpoint");
        byte[] whole = File.ReadAllBytes(path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= 0x10;
            File.WriteAllBytes(path, changed);
            Assert.That(() => CheckpointFile.Open(folder.Path), Throws.InstanceOf<DamagedFileException>(), $"byte {i}");
        }
        File.WriteAllBytes(path, whole[..^1]);
        Assert.That(() => CheckpointFile.Open(folder.Path), Throws.InstanceOf<DamagedFileException>());
    }
}
