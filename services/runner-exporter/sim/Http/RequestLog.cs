namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>The last requests, oldest first; bounded, for a simulator may run for days.</summary>
internal sealed class RequestLog
{
    private const int Kept = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<string> _requests = new();

    public void Add(string request)
    {
        lock (_lock)
        {
            _requests.Enqueue(request);
            if (_requests.Count > Kept)
                _requests.Dequeue();
        }
    }

    public IReadOnlyList<string> Snapshot()
    {
        lock (_lock)
            return [.. _requests];
    }
}
