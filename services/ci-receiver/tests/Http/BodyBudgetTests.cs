using CiMetrics.Receiver.Http;

namespace CiMetrics.Receiver.Tests.Http;

public sealed class BodyBudgetTests
{
    private const int Large = 100 * BodyBudget.Small;

    [Test]
    public void What_is_in_memory_at_a_time_is_limited_and_given_back()
    {
        BodyBudget budget = new(3 * Large, forSmall: Large);
        BodyBudget.Share first = budget.Open();
        using BodyBudget.Share second = budget.Open();
        Assert.That(first.TryGrow(Large), Is.True);
        Assert.That(second.TryGrow(Large), Is.True);
        Assert.That(second.TryGrow(Large + 1), Is.False);
        Assert.That(first.TryGrow(Large + 1), Is.False, "what was refused was not taken");
        first.Dispose();
        Assert.That(second.TryGrow(2 * Large), Is.True);
        Assert.That(second.TryGrow((2 * Large) + 1), Is.False);
    }

    [Test]
    public void Large_bodies_leave_room_for_small_ones()
    {
        BodyBudget budget = new(2 * Large, forSmall: Large);
        using BodyBudget.Share large = budget.Open();
        Assert.That(large.TryGrow(Large), Is.True);
        BodyBudget.Share[] small = [.. Enumerable.Range(0, 101).Select(_ => budget.Open())];
        Assert.That(small.Select(share => share.TryGrow(BodyBudget.Small)), Is.EqualTo(Enumerable.Range(0, 101).Select(i => i < 100)));
        foreach (BodyBudget.Share share in small) share.Dispose();
        Assert.That(small[0].TryGrow(BodyBudget.Small + 1), Is.False, "it is small no more");
    }
}
