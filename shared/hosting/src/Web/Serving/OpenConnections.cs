using CiMetrics.Exposition;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CiMetrics.Hosting;

/// <summary>
/// Bounds the connections without refusing any: a new one beyond the bound closes the one that has waited longest for a
/// request, or, where none waits, the one whose request has taken longest. Whoever opens thousands crowds out his own,
/// while a scraper that connects and asks is answered.
/// </summary>
internal sealed class OpenConnections
{
    private readonly long _most;
    private readonly Gauge _open;
    private readonly Counter _closed;
    private readonly Lock _lock = new();

    // Oldest first.
    private readonly LinkedList<Held> _waiting = new();
    private readonly LinkedList<Held> _busy = new();

    /// <summary>Makes the bound; 0: none.</summary>
    public OpenConnections(long most, MetricFactory metrics)
    {
        _most = most;
        _open = metrics.CreateGauge("exporter_connections_open", "Connections to the web server.");
        _closed = metrics.CreateCounter(
            "exporter_connections_crowded_out_total", "Connections closed for newer ones because there were too many.");
    }

    /// <summary>Counts the connections of an endpoint.</summary>
    public void Watch(ListenOptions listening) => listening.Use(next => connection => ServeAsync(connection, next));

    /// <summary>Answers a request; its connection does not count as waiting meanwhile.</summary>
    public async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        var held = context.Features.Get<Held>();
        if (held is not null)
            Move(held, 1);
        try
        {
            await next(context);
        }
        finally
        {
            if (held is not null)
                Move(held, -1);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var held = new Held(connection);
        connection.Features.Set(held);
        Enter(held)?.Connection.Abort(new ConnectionAbortedException("there are too many connections"));
        try
        {
            await next(connection);
        }
        finally
        {
            lock (_lock)
            {
                Leave(held);
            }
        }
    }

    private Held? Enter(Held held)
    {
        lock (_lock)
        {
            var crowdedOut = _most > 0 && _waiting.Count + _busy.Count >= _most ? (_waiting.First ?? _busy.First)?.Value : null;
            if (crowdedOut is not null)
            {
                Leave(crowdedOut);
                _closed.Inc();
            }
            _waiting.AddLast(held.Node);
            _open.Set(_waiting.Count + _busy.Count);
            return crowdedOut;
        }
    }

    // HTTP/2 has several requests at a time on a connection.
    private void Move(Held held, int change)
    {
        lock (_lock)
        {
            var wasBusy = held.Requests > 0;
            held.Requests += change;
            if (held.Node.List is not { } list || wasBusy == held.Requests > 0)
                return;
            list.Remove(held.Node);
            (wasBusy ? _waiting : _busy).AddLast(held.Node);
        }
    }

    private void Leave(Held held)
    {
        held.Node.List?.Remove(held.Node);
        _open.Set(_waiting.Count + _busy.Count);
    }

    /// <summary>A connection and its place in one of the lists; in none once it was crowded out.</summary>
    private sealed class Held
    {
        public Held(ConnectionContext connection)
        {
            Connection = connection;
            Node = new LinkedListNode<Held>(this);
        }

        public ConnectionContext Connection { get; }

        public LinkedListNode<Held> Node { get; }

        public int Requests { get; set; }
    }
}
