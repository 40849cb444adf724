using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.Ledger;

public sealed class RecentKeysTests
{
    [Test]
    public void It_does_what_a_list_would_do_whatever_comes_and_goes()
    {
        Random random = Seed.Random(out _);
        const int Most = 40_000;
        RecentKeys keys = new(Most);
        LinkedList<(EventKey Key, long Time)> model = [];
        HashSet<EventKey> present = [];
        long time = 1_700_000_000_000;
        long forgotten = 0;
        for (int i = 0; i < 150_000; i++)
        {
            time += random.Next(3) * 1000;
            EventKey key = Key(random.Next(60_000));
            Assert.That(keys.Contains(key), Is.EqualTo(present.Contains(key)));
            keys.Add(key, time);
            if (present.Add(key))
            {
                model.AddLast((key, time));
                if (model.Count > Most)
                {
                    forgotten = Math.Max(forgotten, model.First!.Value.Time);
                    present.Remove(model.First.Value.Key);
                    model.RemoveFirst();
                }
            }

            if (random.Next(1000) != 0) continue;
            long before = time - random.Next(60_000_000);
            keys.ForgetBefore(before);
            while (model.First is { } first && first.Value.Time < before)
            {
                present.Remove(first.Value.Key);
                model.RemoveFirst();
            }

            Assert.That(keys.Count, Is.EqualTo(model.Count));
        }

        Assert.That(keys.ForgottenTo, Is.EqualTo(forgotten));
        Assert.That(
            keys.Capture().SelectMany(block => block.Keys.ToArray().Zip(block.Times.ToArray())),
            Is.EqualTo(model.Select(entry => (entry.Key, (uint)(entry.Time / 1000)))));
    }

    [Test]
    public void A_capture_does_not_change_with_what_comes_later()
    {
        RecentKeys keys = new(100_000);
        for (int i = 0; i < 20_000; i++) keys.Add(Key(i), 1_000_000);
        IReadOnlyList<KeyBlock> captured = keys.Capture();
        for (int i = 20_000; i < 200_000; i++) keys.Add(Key(i), 2_000_000);
        Assert.That(captured.SelectMany(block => block.Keys.ToArray()), Is.EqualTo(Enumerable.Range(0, 20_000).Select(Key)));
    }

    [Test]
    public void A_key_costs_about_thirty_bytes()
    {
        const int Count = 1_000_000;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        RecentKeys keys = new(Count);
        for (int i = 0; i < Count; i++) keys.Add(Key(i), 1_000_000);
        double each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        Assert.That(keys.Count, Is.EqualTo(Count));
        Assert.That(each, Is.LessThan(32));
    }

    private static EventKey Key(int number) => EventKey.Of($"key-{number}");
}
