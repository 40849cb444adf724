using CiMetrics.RunnerMetrics.Following;
using CiMetrics.Testing;

namespace CiMetrics.RunnerMetrics.Tests;

public sealed class LogChangesTests
{
    [Test]
    public async Task A_written_line_ends_the_wait_long_before_the_time()
    {
        using TempFolder folder = new();
        string path = folder.Write("runner.log", "");
        using LogChanges changes = new(path, TimeSpan.FromMinutes(10), TimeProvider.System);
        await changes.WaitAsync(CancellationToken.None);
        Assert.That(changes.IsWatching);
        for (int i = 0; i < 3; i++)
        {
            Task wait = changes.WaitAsync(CancellationToken.None);
            File.AppendAllText(path, "line\n");
            await wait.WaitAsync(Eventually.Patience);
        }
    }

    [Test]
    public async Task A_folder_that_comes_later_is_looked_for_by_the_clock()
    {
        using TempFolder folder = new();
        using LogChanges changes = new(folder.PathOf("later/runner.log"), TimeSpan.FromMinutes(10), TimeProvider.System);
        await changes.WaitAsync(CancellationToken.None).WaitAsync(Eventually.Patience);
        Assert.That(changes.IsWatching, Is.False);
        Directory.CreateDirectory(folder.PathOf("later"));
        await changes.WaitAsync(CancellationToken.None).WaitAsync(Eventually.Patience);
        Assert.That(changes.IsWatching);
    }

    [Test]
    public async Task A_wait_ends_with_its_token_and_at_a_signal()
    {
        using TempFolder folder = new();
        using LogChanges changes = new(folder.PathOf("runner.log"), TimeSpan.FromMinutes(10), TimeProvider.System);
        await changes.WaitAsync(CancellationToken.None);
        changes.Signal();
        await changes.WaitAsync(CancellationToken.None).WaitAsync(Eventually.Patience);
        using CancellationTokenSource stop = new();
        Task wait = changes.WaitAsync(stop.Token);
        await stop.CancelAsync();
        Assert.That(async () => await wait, Throws.InstanceOf<OperationCanceledException>());
    }
}
