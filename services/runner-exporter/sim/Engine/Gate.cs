namespace CiMetrics.RunnerExporter.Simulator.Engine;

/// <summary>While closed, whoever passes waits: how the engine hangs and wakes up again.</summary>
internal sealed class Gate
{
    private volatile TaskCompletionSource? _closed;

    public bool IsClosed
    {
        get => _closed is not null;
        set
        {
            if (value)
                Interlocked.CompareExchange(ref _closed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
            else
                Interlocked.Exchange(ref _closed, null)?.SetResult();
        }
    }

    public Task PassAsync(CancellationToken cancellationToken) =>
        _closed?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
}
