using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift.State;

/// <summary>
/// Asks the account's queries for scrapes: at the same time, once for all scrapes that wait, and not again for a while,
/// so that a second Prometheus costs no further calls.
/// </summary>
internal sealed partial class ScrapeRefresh(
    IReadOnlyList<IAccountQuery> queries, SpaceliftApi api, TimeSpan longest, TimeSpan minAge, bool failsScrapes, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private Flight? _flight;
    private string? _told;

    /// <summary>How long the last refresh took; null before the first.</summary>
    public TimeSpan? Took { get; private set; }

    /// <summary>True when the last refresh got anything.</summary>
    public bool IsUp => queries.Any(query => query.HasValue);

    /// <summary>Makes sure that what is shown is young, within the time of the scrape.</summary>
    /// <returns>Null, or why nothing at all can be shown.</returns>
    public async Task<string?> PrepareAsync(CancellationToken deadline)
    {
        Flight flight;
        lock (_lock)
        {
            if (_flight is null || _flight.IsOld(minAge)) _flight = new Flight(Start, longest, time);
            flight = _flight;
            flight.Waiting++;
        }
        await flight.Work.WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool isLast;
        lock (_lock) isLast = --flight.Waiting == 0;
        // Nobody waits any more: what has not come by now is late. The calls end by themselves; there is no time to see it.
        if (isLast && !flight.Work.IsCompleted)
        {
            flight.End();
            foreach (IAccountQuery query in queries) query.Forgo(time);
        }
        return IsUp || !failsScrapes ? null : Problem();
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

    /// <summary>One refresh and the scrapes that wait for it.</summary>
    private sealed class Flight
    {
        private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TimeProvider _time;
        private long _landed;

        public Flight(Func<CancellationToken, Task> work, TimeSpan longest, TimeProvider time)
        {
            _time = time;
            Work = Task.Run(() => RunAsync(work, longest));
        }

        public Task Work { get; }

        public int Waiting { get; set; }

        public bool IsOld(TimeSpan minAge) => Work.IsCompleted && _time.GetElapsedTime(_landed) >= minAge;

        public void End() => _abandoned.TrySetResult();

        private async Task RunAsync(Func<CancellationToken, Task> work, TimeSpan longest)
        {
            using CancellationTokenSource end = new(longest, _time);
            try
            {
                Task all = work(end.Token);
                if (await Task.WhenAny(all, _abandoned.Task) != all) await end.CancelAsync();
                await all;
            }
            finally
            {
                _landed = _time.GetTimestamp();
            }
        }
    }
}
