namespace CiMetrics.Hosting;

/// <summary>Counts the requests being answered; once closed it admits no more and tells when the last is done.</summary>
internal sealed class InFlight
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private bool _closed;

    /// <summary>Counts a request in; false once closed.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (!_closed)
                _count++;
            return !_closed;
        }
    }

    /// <summary>Counts a request out.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _count--;
            TellIfEmpty();
        }
    }

    /// <summary>Admits no more requests; the task ends when those in flight are answered.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            TellIfEmpty();
        }
        return _empty.Task;
    }

    private void TellIfEmpty()
    {
        if (_closed && _count == 0)
            _empty.TrySetResult();
    }
}
