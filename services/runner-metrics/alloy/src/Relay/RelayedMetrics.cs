using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Relay;

/// <summary>
/// The runner's own metrics as part of ours. They are fetched for every scrape, once for all that come meanwhile; what is not
/// there in time is left out, and never served later.
/// </summary>
internal sealed class RelayedMetrics : IForeignFamilies
{
    // Ours tell of this program, whatever the runner says.
    private static readonly string[] Reserved = ["exporter_", "dotnet_", "runner_relay_"];

    private readonly Lock _lock = new();
    private readonly Func<CancellationToken, Task<byte[]>> _fetch;
    private readonly IReadOnlyDictionary<string, string> _staticLabels;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly Gauge _up;
    private readonly Counter _dropped;
    private readonly Counter _conflicts;
    private Task? _fetching;
    private volatile IReadOnlyList<ForeignFamily> _families = [];

    /// <summary>Makes them.</summary>
    /// <param name="fetch">Gets the runner's text, of bounded length; an <see cref="IOException"/> or <see cref="HttpRequestException"/> says that there is none.</param>
    /// <param name="staticLabels">Labels of every series.</param>
    /// <param name="patience">How long that may take.</param>
    /// <param name="factory">Counts.</param>
    /// <param name="time">The clock.</param>
    public RelayedMetrics(Func<CancellationToken, Task<byte[]>> fetch, IReadOnlyDictionary<string, string> staticLabels, TimeSpan patience, MetricFactory factory, TimeProvider time)
    {
        _fetch = fetch;
        _staticLabels = staticLabels;
        _patience = patience;
        _time = time;
        _up = factory.CreateGauge("runner_relay_up", "1 when this scrape has the metrics of the runner's own server, 0 when they did not come in time or are no metrics.");
        _dropped = factory.CreateCounter("runner_relay_families_dropped_total", "Families of the runner's own server that were left out of a scrape, by why: malformed, or reserved for this program.", "reason");
        _conflicts = factory.CreateCounter("runner_relay_conflicts_total", "Families of this program that were left out of a scrape because the runner's own have their names; of the scrapes before.");
        _up.Set(0);
        _dropped.WithLabels("malformed");
        _dropped.WithLabels("reserved");
    }

    /// <inheritdoc/>
    public IReadOnlyList<ForeignFamily> Families => _families;

    /// <inheritdoc/>
    public void Replaced(int families) => _conflicts.Inc(families);

    /// <summary>Fetches them for a scrape; returns when they are there, or cannot be any more.</summary>
    public async Task RefreshAsync(CancellationToken deadline)
    {
        Task fetching;
        lock (_lock)
        {
            fetching = _fetching ??= FetchAsync();
        }

        try
        {
            await fetching.WaitAsync(deadline);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            Use([], isUp: false);
        }
    }

    private async Task FetchAsync()
    {
        // Not on the thread that holds the lock.
        await Task.Yield();
        using CancellationTokenSource limit = new(_patience, _time);
        try
        {
            ForeignScrape scrape = ForeignText.Read(await _fetch(limit.Token), _staticLabels);
            ForeignFamily[] families = [.. scrape.Families.Where(family => !Array.Exists(Reserved, prefix => family.Name.StartsWith(prefix, StringComparison.Ordinal)))];
            _dropped.WithLabels("malformed").Inc(scrape.Malformed);
            _dropped.WithLabels("reserved").Inc(scrape.Families.Count - families.Length);
            Use(families, isUp: true);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or InvalidDataException or OperationCanceledException)
        {
            Use([], isUp: false);
        }
        finally
        {
            lock (_lock)
            {
                _fetching = null;
            }
        }
    }

    private void Use(IReadOnlyList<ForeignFamily> families, bool isUp)
    {
        _families = families;
        _up.Set(isUp ? 1 : 0);
    }
}
