using CiMetrics.Exposition;

namespace CiMetrics.Spacelift.Webhooks;

/// <summary>Counts the states that runs come into, each once: Spacelift delivers an event again where it is not sure.</summary>
internal sealed class RunTally(MetricFactory metrics)
{
    private const int MostRemembered = 20_000;
    private const int MostStates = 40;
    private const int MostTypes = 20;
    private const int LongestWord = 40;
    private const string Other = "other";

    // From quick plans to applies of hours.
    private static readonly double[] Buckets = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400];
    private static readonly HashSet<string> Ends = new(StringComparer.Ordinal) { "FINISHED", "FAILED", "DISCARDED", "STOPPED", "CANCELED", "SKIPPED" };

    private readonly Lock _lock = new();
    private readonly HashSet<(string Run, long Version)> _seen = [];
    private readonly Queue<(string Run, long Version)> _order = new();
    private readonly HashSet<string> _states = new(StringComparer.Ordinal);
    private readonly HashSet<string> _types = new(StringComparer.Ordinal);

    private readonly Counter _counted = metrics.CreateCounter(
        "spacelift_webhook_run_states_total", "Runs that came into a state, by type of run, as webhooks report them", "type", "state");

    private readonly Histogram _durations = metrics.CreateHistogram(
        "spacelift_webhook_run_duration_seconds", "Time from the creation of a run to its end, by type of run, as webhooks report it", Buckets, "type");

    /// <summary>Counts an event; false where it was counted before.</summary>
    /// <param name="run">The run's id.</param>
    /// <param name="event">The event.</param>
    public bool Count(string run, RunEvent @event)
    {
        string state;
        string type;
        lock (_lock)
        {
            if (!_seen.Add((run, @event.StateVersion))) return false;
            _order.Enqueue((run, @event.StateVersion));
            if (_order.Count > MostRemembered) _seen.Remove(_order.Dequeue());
            state = Known(_states, @event.State, MostStates);
            type = Known(_types, @event.Run?.Type, MostTypes);
        }
        _counted.WithLabels(type, state).Inc();
        if (Ends.Contains(state) && @event.Age is { } age) _durations.WithLabels(type).Observe(age);
        return true;
    }

    // Words from outside become labels: so many of them, and no more.
    private static string Known(HashSet<string> known, string? word, int most)
    {
        if (word is not { Length: > 0 and <= LongestWord } || word.Any(char.IsControl)) return Other;
        return known.Contains(word) || (known.Count < most && known.Add(word)) ? word : Other;
    }
}
