using CiMetrics.RunnerMetrics.Following;

namespace CiMetrics.RunnerMetrics.Tests;

public sealed class CatchUpTests
{
    [Test]
    public void It_is_over_with_the_last_of_the_logs()
    {
        int ready = 0;
        CatchUp catchUp = new(2, "not yet", () => ready++);
        Assert.That((catchUp.Problem, ready), Is.EqualTo(("not yet", 0)));
        catchUp.Finish();
        Assert.That((catchUp.Problem, ready), Is.EqualTo(("not yet", 0)));
        catchUp.Finish();
        Assert.That((catchUp.Problem, ready), Is.EqualTo(((string?)null, 1)));
    }

    [Test]
    public void Without_logs_there_is_nothing_to_wait_for() =>
        Assert.That(new CatchUp(0, "not yet", () => Assert.Fail("nobody has waited")).Problem, Is.Null);
}
