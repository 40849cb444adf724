namespace CiMetrics.Exposition;

/// <summary>The scrapes of one format that share a gather. Guarded by its queue's lock, except for the tasks.</summary>
internal sealed class ScrapeBatch(bool openMetrics)
{
    public bool OpenMetrics => openMetrics;

    public ScrapeShare Plain { get; } = new();

    public ScrapeShare Gzip { get; } = new();

    /// <summary>Whether anybody still waits for it.</summary>
    public bool IsWanted => Plain.Waiting + Gzip.Waiting > 0;
}

/// <summary>Those who wait for the same bytes.</summary>
internal sealed class ScrapeShare
{
    private readonly TaskCompletionSource<SharedBody> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<SharedBody> Done => _done.Task;

    /// <summary>How many wait; each of them is given one hold of the body.</summary>
    public int Waiting { get; set; }

    /// <summary>The body they hold, once it is there.</summary>
    public SharedBody? Body { get; set; }

    public void Complete() => _done.TrySetResult(Body!);

    public void Fail(Exception exception)
    {
        _done.TrySetException(exception);

        // Where nobody waits, nobody is to be told that nobody looked at it.
        _ = _done.Task.Exception;
    }
}
