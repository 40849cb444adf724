using System.Threading.Channels;

namespace CiMetrics.RunnerExporter.Simulator.Engine;

/// <summary>The last events, for replay, and the streams that listen to the next ones.</summary>
internal sealed class EventLog
{
    /// <summary>As many as a true engine remembers.</summary>
    private const int Remembered = 256;

    private readonly Lock _lock = new();
    private readonly Queue<EngineEvent> _last = new();
    private readonly List<Subscription> _subscriptions = [];
    private long _lastTime;

    /// <summary>Times rise strictly, so that the order of events can be told from them.</summary>
    public void Add(string action, string id, IReadOnlyDictionary<string, string> attributes, DateTimeOffset now)
    {
        lock (_lock)
        {
            _lastTime = Math.Max(_lastTime + 1, EngineClock.UnixNanoseconds(now));
            var entry = new EngineEvent(action, id, attributes, _lastTime);
            _last.Enqueue(entry);
            if (_last.Count > Remembered)
                _last.Dequeue();
            foreach (var subscription in _subscriptions)
                subscription.Channel.Writer.TryWrite(entry);
        }
    }

    /// <summary>What is remembered, and from there on every event: none is missed or doubled between the two.</summary>
    public Subscription Subscribe()
    {
        lock (_lock)
        {
            var subscription = new Subscription(this, [.. _last]);
            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    /// <summary>Ends the streams there are, in the middle, as a broken connection does.</summary>
    public void CutStreams()
    {
        lock (_lock)
        {
            foreach (var stream in _subscriptions)
                stream.Channel.Writer.TryComplete();
        }
    }

    /// <summary>One stream of events; its channel is completed when the stream is cut.</summary>
    internal sealed class Subscription(EventLog log, IReadOnlyList<EngineEvent> past) : IDisposable
    {
        public IReadOnlyList<EngineEvent> Past => past;

        public Channel<EngineEvent> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<EngineEvent>();

        public void Dispose()
        {
            lock (log._lock)
                log._subscriptions.Remove(this);
        }
    }
}
