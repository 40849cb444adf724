using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CiMetrics.Durable;
using CiMetrics.RunnerMetrics.Checkpoints;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging;

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

    [Test]
    public void Another_versions_record_is_refused_and_not_begun_anew()
    {
        using TempFolder folder = new();
        using (CheckpointFile first = CheckpointFile.Open(folder.Path))
        {
            Assert.That(first.Read(Type<string>(), _ => true), Is.Null);
            first.Save("\"of version 2\""u8);
        }
        using CheckpointFile second = CheckpointFile.Open(folder.Path);
        Assert.That(second.Read(Type<string>(), text => text == "of version 2"), Is.EqualTo("of version 2"));
        Assert.That(() => second.Read(Type<string>(), text => text == "of version 1"), Throws.InstanceOf<DamagedFileException>());
        Assert.That(() => second.Read(Type<int[]>(), _ => true), Throws.InstanceOf<DamagedFileException>());
    }

    [Test]
    public void What_cannot_be_kept_is_counted_and_logged_once_and_the_one_before_stays()
    {
        using TempFolder folder = new();
        string state = folder.PathOf("state");
        Lines log = new();
        ManualTime time = new();
        using (CheckpointFile file = CheckpointFile.Open(state))
        {
            Assert.That(file.TrySave("one"u8, time, log), Is.True);
            Assert.That((file.Failures, file.SavedAt), Is.EqualTo((0, time.GetUtcNow())));
            // A folder in the place of the file cannot be replaced by one, by root either.
            File.Move(folder.PathOf("state/checkpoint"), folder.PathOf("kept"));
            Directory.CreateDirectory(folder.PathOf("state/checkpoint/full"));
            Assert.That(file.TrySave("two"u8, time, log), Is.False);
            Assert.That(file.TrySave("three"u8, time, log), Is.False);
            Assert.That((file.Failures, file.IsFailing), Is.EqualTo((2, true)));
            Directory.Delete(folder.PathOf("state/checkpoint"), recursive: true);
            File.Move(folder.PathOf("kept"), folder.PathOf("state/checkpoint"));
            Assert.That(file.TrySave("four"u8, time, log), Is.True);
            Assert.That((file.Failures, file.IsFailing), Is.EqualTo((2, false)));
        }
        Assert.That(log, Is.EqualTo(new[] { LogLevel.Error, LogLevel.Information }));
        using CheckpointFile next = CheckpointFile.Open(state);
        Assert.That(next.Found, Is.EqualTo("four"u8.ToArray()));
    }

    private static JsonTypeInfo<T> Type<T>() => (JsonTypeInfo<T>)new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver() }.GetTypeInfo(typeof(T));

    private sealed class Lines : List<LogLevel>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(logLevel);
    }
}
