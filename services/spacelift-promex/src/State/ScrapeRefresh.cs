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
    private long _took = -1;

    /// <summary>How long the last refresh took; null before the first.</summary>
    public TimeSpan? Took => Volatile.Read(ref _took) is >= 0 and long ticks ? TimeSpan.FromTicks(ticks) : null;

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
        (bool isTooSoon, bool isStuck) = Leave(flight);
        if (isStuck) LogStuck(flight.Elapsed);
        // Others wait on. What is there now is from the time before, which nobody could tell.
        if (isTooSoon) return "cannot get metrics from Spacelift: no answer in the time that this scrape has";
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

    // The last one to leave a flight that has not ended leaves it behind.
    private (bool IsTooSoon, bool IsStuck) Leave(Flight flight)
    {
        lock (_lock)
        {
            flight.Waiting--;
            if (flight.HasEnded || flight != _flight) return default;
            if (flight.Waiting > 0) return (IsTooSoon: true, IsStuck: false);
            // What has not come by now is late, and is not shown when it comes.
            flight.End();
            Forgo(new ApiError(ErrorKind.Timeout, "no answer in time"));
            Volatile.Write(ref _took, flight.Elapsed.Ticks);
            _leftBehind.Add(flight);
            _flight = null;
            return (IsTooSoon: false, flight.IsOverdue);
        }
    }

    private void Forgo(ApiError why)
    {
        foreach (IAccountQuery query in queries) query.Forgo(why, time);
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        try
        {
            await Task.WhenAll(queries.Select(query => query.FetchAsync(api, time, cancellationToken)));
        }
        catch (Exception exception)
        {
            // A mistake of ours must not leave what was there before as if it were new.
            LogBroken(exception);
            Forgo(new ApiError(ErrorKind.Invalid, "the answer could not be read"));
        }
        Volatile.Write(ref _took, time.GetElapsedTime(start).Ticks);
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

    [LoggerMessage(Level = LogLevel.Error, Message = "A query failed unexpectedly")]
    private partial void LogBroken(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A refresh did not end at its limit; scrapes go on without it")]
    private partial void LogStuck(TimeSpan age);
}
