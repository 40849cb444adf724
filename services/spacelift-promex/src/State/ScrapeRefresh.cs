using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift.State;

/// <summary>
/// Asks the account's queries for scrapes: at the same time, once for all scrapes that wait, and not again for a while,
/// so that a second Prometheus costs no further calls. A refresh that does not end at its limit is left behind.
/// </summary>
internal sealed partial class ScrapeRefresh(
    IReadOnlyList<IAccountQuery> queries, SpaceliftApi api, TimeSpan longest, TimeSpan minAge, bool failsScrapes, TimeProvider time, ILogger logger)
{
    // Each holds calls; what cannot end is not started without end.
    private const int MostLeftBehind = 8;

    private readonly Lock _lock = new();
    private readonly List<Flight> _leftBehind = [];
    private Flight? _flight;
    private string? _told;

    /// <summary>How long the last refresh took; null before the first.</summary>
    public TimeSpan? Took { get; private set; }

    /// <summary>True when the last refresh got anything.</summary>
    public bool IsUp => queries.Any(query => query.HasValue);

    /// <summary>Refreshes that did not end at their limit and still go on.</summary>
    public int Stuck
    {
        get
        {
            lock (_lock) return _leftBehind.Count(flight => flight.IsOverdue);
        }
    }

    /// <summary>Makes sure that what is shown is young, within the time of the scrape.</summary>
    /// <returns>Null, or why nothing at all can be shown.</returns>
    public async Task<string?> PrepareAsync(CancellationToken deadline)
    {
        if (Board() is not { } flight) return failsScrapes ? $"cannot get metrics from Spacelift: {MostLeftBehind} refreshes do not end" : null;
        await flight.WaitAsync(deadline);
        if (Leave(flight)) LogStuck(flight.Elapsed);
        return IsUp || !failsScrapes ? null : Problem();
    }

    private Flight? Board()
    {
        lock (_lock)
        {
            if (_flight is null || _flight.IsOld(minAge))
            {
                _leftBehind.RemoveAll(flight => flight.HasEnded);
                if (_leftBehind.Count >= MostLeftBehind) return null;
                _flight = new Flight(Start, longest, time);
            }
            _flight.Waiting++;
            return _flight;
        }
    }

    // True when the flight was left behind after its limit.
    private bool Leave(Flight flight)
    {
        lock (_lock)
        {
            if (--flight.Waiting > 0 || flight.HasEnded || flight != _flight) return false;
            // Nobody waits any more: what has not come by now is late, and is not shown when it comes.
            flight.End();
            Forgo(flight);
            _leftBehind.Add(flight);
            _flight = null;
            return flight.IsOverdue;
        }
    }

    private void Forgo(Flight flight)
    {
        foreach (IAccountQuery query in queries) query.Forgo(time);
        Took = flight.Elapsed;
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        await Task.WhenAll(queries.Select(query => query.FetchAsync(api, time, cancellationToken)));
        Took = time.GetElapsedTime(start);
        string? problem = queries.Any(query => query.State.Error is not null) ? Problem() : null;
        if (problem is not null && problem != _told) LogFailed(problem);
        else if (problem is null && _told is not null) LogWorks();
        _told = problem;
    }

    // The same error from all is said once.
    private string Problem()
    {
        IEnumerable<string> errors = queries.Where(query => query.State.Error is not null)
            .GroupBy(query => query.State.Error!.Message, StringComparer.Ordinal)
            .Select(group => $"{string.Join(", ", group.Select(query => query.State.Name))}: {group.Key}");
        return "cannot get metrics from Spacelift: " + string.Join("; ", errors);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Spacelift did not answer everything")]
    private partial void LogFailed(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Spacelift answers everything again")]
    private partial void LogWorks();

    [LoggerMessage(Level = LogLevel.Error, Message = "A refresh did not end at its limit; scrapes go on without it")]
    private partial void LogStuck(TimeSpan age);
}
