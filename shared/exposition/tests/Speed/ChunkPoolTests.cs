using CiMetrics.Testing;

namespace CiMetrics.Exposition.Tests;

public sealed class ChunkPoolTests
{
    private const int Burst = 100;
    private readonly ManualTime _time = new();

    [Test]
    public void What_scrapes_need_at_one_time_is_kept_between_them()
    {
        var pool = new ChunkPool(_time);
        HashSet<byte[]> first = Use(pool, Burst);
        for (int scrape = 0; scrape < 50; scrape++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.That(first.IsSupersetOf(Use(pool, Burst)), Is.True);
        }
    }

    [Test]
    public void What_only_a_burst_needed_is_given_back_after_some_minutes()
    {
        var pool = new ChunkPool(_time);
        HashSet<byte[]> burst = Use(pool, Burst);
        for (int scrape = 0; scrape < 30; scrape++)
        {
            _time.Advance(TimeSpan.FromSeconds(15));
            Assert.That(burst.IsSupersetOf(Use(pool, 5)), Is.True);
        }

        Assert.That(Use(pool, Burst).Count(burst.Contains), Is.LessThanOrEqualTo(5));
    }

    [TestCase(10, 10L, 1024)]
    [TestCase(10, 5000L, 8 * 1024)]
    [TestCase(10, 10_000_000L, 64 * 1024)]
    [TestCase(5000, 10L, 8 * 1024)]
    [TestCase(100_000, 10L, 100_000)]
    public void A_buffer_is_as_large_as_it_must_be_and_no_larger_than_is_preferred(int minimum, long preferred, int expected) =>
        Assert.That(new ChunkPool(_time).Rent(minimum, preferred), Has.Length.EqualTo(expected));

    private static HashSet<byte[]> Use(ChunkPool pool, int chunks)
    {
        byte[][] rented = [.. Enumerable.Range(0, chunks).Select(_ => pool.Rent(1, 64 * 1024))];
        Array.ForEach(rented, pool.Return);
        pool.Trim();
        return [.. rented];
    }
}
