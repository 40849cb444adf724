using System.Text;
using CiMetrics.Durable;
using CiMetrics.Sidecar.Spooling;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.Spooling;

public sealed class SpoolTests
{
    private TempFolder _folder = null!;
    private ManualTime _time = null!;
    private List<string> _unreadable = null!;

    [SetUp]
    public void Create()
    {
        _folder = new TempFolder();
        _time = new ManualTime();
        _unreadable = [];
    }

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void Events_survive_in_their_order()
    {
        using (Spool spool = Open())
        {
            foreach (string key in (string[])["b", "a", "c \"quoted\" ä"])
            {
                spool.Add(key, Encoding.UTF8.GetBytes($"body of {key}"));
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }
        using Spool again = Open();
        Assert.That(again.Count, Is.EqualTo(3));
        Assert.That(Drain(again), Is.EqualTo(["b=body of b", "a=body of a", "c \"quoted\" ä=body of c \"quoted\" ä"]));
        Assert.That(Directory.GetFiles(again.PathOf("events")), Is.Empty);
    }

    [Test]
    public void An_event_that_waits_is_not_added_twice()
    {
        using Spool spool = Open();
        spool.Add("a", "1"u8.ToArray());
        spool.Add("a", "1"u8.ToArray());
        Assert.That(spool.Count, Is.EqualTo(1));
    }

    [Test]
    public void Others_go_first_after_a_failure()
    {
        using Spool spool = Open();
        spool.Add("a", "1"u8.ToArray());
        spool.Add("b", "2"u8.ToArray());
        spool.MoveToEnd(spool.Peek()!);
        Assert.That(Drain(spool), Is.EqualTo(["b=2", "a=1"]));
    }

    [Test]
    public void What_is_put_aside_is_kept_with_its_reason_and_can_be_tried_again()
    {
        using Spool spool = Open();
        spool.Add("a", "body"u8.ToArray());
        spool.PutAside(spool.Peek()!, "400 name: must not be empty");
        Assert.That(spool.Count, Is.Zero);
        string reason = Directory.GetFiles(spool.PathOf("dead-letters"), "*.reason").Single();
        Assert.That(File.ReadAllText(reason), Is.EqualTo("400 name: must not be empty\n"));
        Assert.That(Directory.GetFiles(spool.PathOf("dead-letters"), "*.json"), Has.Length.EqualTo(1));
        Assert.That(spool.Revive(), Is.EqualTo(1));
        Assert.That(Drain(spool), Is.EqualTo(["a=body"]));
        Assert.That(Directory.GetFiles(spool.PathOf("dead-letters")), Is.Empty);
    }

    [Test]
    public void Files_that_hold_no_event_are_told_and_left_alone()
    {
        Open().Dispose();
        foreach ((string name, string content) in (ValueTuple<string, string>[])[("a.json", ""), ("b.json", "12 \"key"), ("c.json", "x \"key\"\n{}"), ("d.json", "99999999999999999999 \"k\"\n{}"), ("e.json", "1 7\n{}")])
            _folder.Write("spool/events/" + name, content);
        using Spool spool = Open();
        Assert.That(spool.Count, Is.Zero);
        Assert.That(_unreadable, Has.Count.EqualTo(5));
        Assert.That(Directory.GetFiles(spool.PathOf("events")), Has.Length.EqualTo(5));
    }

    [Test]
    public void An_event_of_which_somebody_made_a_copy_waits_once()
    {
        using (Spool spool = Open()) spool.Add("a", "1"u8.ToArray());
        string file = Directory.GetFiles(_folder.PathOf("spool/events")).Single();
        File.Copy(file, _folder.PathOf("spool/events/copy.json"));
        using Spool again = Open();
        Assert.That(Drain(again), Is.EqualTo(["a=1"]));
    }

    [Test]
    public void One_process_at_a_time()
    {
        using Spool spool = Open();
        Assert.That(Open, Throws.TypeOf<FolderInUseException>());
    }

    [Test]
    public async Task Waiting_ends_when_an_event_comes()
    {
        using Spool spool = Open();
        Task waiting = spool.WaitAsync();
        Assert.That(waiting.IsCompleted, Is.False);
        spool.Add("a", "1"u8.ToArray());
        await waiting.WaitAsync(Eventually.Patience);
        Assert.That(spool.Oldest, Is.EqualTo(_time.GetUtcNow()));
        spool.Remove(spool.Peek()!);
        Assert.That(spool.WaitAsync().IsCompleted, Is.False);
        Assert.That(spool.Oldest, Is.Null);
    }

    private Spool Open() => Spool.Open(_folder.PathOf("spool"), _time, _unreadable.Add);

    private static List<string> Drain(Spool spool)
    {
        List<string> events = [];
        while (spool.Peek() is { } next)
        {
            events.Add($"{next.Key}={Encoding.UTF8.GetString(next.Body)}");
            spool.Remove(next);
        }
        return events;
    }
}
