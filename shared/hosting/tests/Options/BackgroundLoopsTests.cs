using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.Hosting.Tests;

public sealed class BackgroundLoopsTests
{
    [Test]
    public async Task A_loop_runs_until_it_is_told_to_stop()
    {
        using var loops = new BackgroundLoops(NullLogger.Instance, () => Assert.Fail("nothing failed"));
        loops.Run("a", stopping => Task.Delay(Timeout.Infinite, stopping));
        loops.Run("b", stopping => stopping.WhenCancelled());
        Assert.That(loops.States, Is.EqualTo(new[] { ("a", true), ("b", true) }));
        Assert.That(await loops.StopAsync(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(loops.States, Is.EqualTo(new[] { ("a", false), ("b", false) }));
        Assert.That(loops.AnyDied, Is.False);
    }

    [Test]
    public async Task A_loop_that_ends_or_throws_is_a_failure([Values] bool throws)
    {
        var failed = new TaskCompletionSource();
        using var loops = new BackgroundLoops(NullLogger.Instance, failed.SetResult);
        loops.Run("a", _ => throws ? throw new InvalidOperationException("x") : Task.CompletedTask);
        await failed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(loops.AnyDied, Is.True);
        await Eventually.TrueAsync(() => !loops.States.Single().Running, "the loop is over");
    }

    [Test]
    public async Task A_loop_that_does_not_stop_is_given_up()
    {
        using var loops = new BackgroundLoops(NullLogger.Instance, () => { });
        loops.Run("a", _ => new TaskCompletionSource().Task);
        Assert.That(await loops.StopAsync(TimeSpan.FromMilliseconds(50)), Is.False);
    }

    [Test]
    public void Two_loops_cannot_have_one_name()
    {
        using var loops = new BackgroundLoops(NullLogger.Instance, () => { });
        loops.Run("a", stopping => stopping.WhenCancelled());
        Assert.That(() => loops.Run("a", _ => Task.CompletedTask), Throws.ArgumentException);
    }
}
