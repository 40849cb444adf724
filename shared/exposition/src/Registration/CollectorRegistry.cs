namespace CiMetrics.Exposition;

/// <summary>The metrics of one endpoint: instruments and collectors, and the scrapes that read them. Thread-safe.</summary>
public sealed class CollectorRegistry
{
    private readonly Lock _lock = new();
    private readonly StaticLabels _statics;
    private readonly FamilyRules _rules;
    private readonly ChunkPool _pool;
    private readonly ForeignPart _foreign;
    private readonly Gatherer _gatherer;
    private readonly ScrapeQueue _scrapes;
    private readonly Counter _errors;

    /// <summary>Creates a registry with its own counter <c>exporter_collector_errors_total{collector}</c>.</summary>
    /// <param name="staticLabels">Labels added to every series, after its own.</param>
    /// <param name="options">Exemplars and created timestamps; off by default.</param>
    /// <exception cref="ArgumentException">A static label's name is invalid, reserved or <c>collector</c>.</exception>
    public CollectorRegistry(IReadOnlyDictionary<string, string>? staticLabels = null, RegistryOptions? options = null)
    {
        Options = options ?? new RegistryOptions();
        _pool = new ChunkPool(Options.Time);
        _statics = new StaticLabels(staticLabels);
        _rules = new FamilyRules(_statics);
        var errors = new MetricFamily(
            "exporter_collector_errors_total", "Scrapes in which a collector failed and its metrics were left out.", MetricType.Counter, "collector");
        _errors = new Counter(errors, Options);
        _rules.Admit([errors]);
        _foreign = new ForeignPart(_pool);
        _gatherer = new Gatherer(_pool, Options.WithoutErrorCounter ? new SilentSource(errors.Name) : new InstrumentSource(_errors, Segment(errors)), _foreign, OnFailure);
        _scrapes = new ScrapeQueue(Gather, _pool);
    }

    /// <summary>
    /// Tells that a collector threw or broke a rule of <see cref="MetricWriter"/>: its name and why. Called during a scrape, once per failure;
    /// nothing it wrote is served, the others are.
    /// </summary>
    public Action<string, Exception>? CollectorFailed { get; set; }

    /// <summary>
    /// Families of another program, served after the registry's own. Where names meet, the registry's family is left out as
    /// a whole. Set it before the first scrape.
    /// </summary>
    public IForeignFamilies? Foreign
    {
        get => _foreign.Source;
        set => _foreign.Source = value;
    }

    /// <summary>Labels added to every series.</summary>
    public IReadOnlyDictionary<string, string> StaticLabels => _statics.Labels;

    /// <summary>Exemplars and created timestamps.</summary>
    internal RegistryOptions Options { get; }

    /// <summary>Adds a collector; its families are checked now.</summary>
    /// <exception cref="ArgumentException">The collector has no name, or a family has a label that the registry adds itself.</exception>
    /// <exception cref="InvalidOperationException">The name of the collector, or a name that parsers take for a family, is taken.</exception>
    public void Register(ICollector collector)
    {
        ArgumentNullException.ThrowIfNull(collector);
        string name = collector.Name;
        if (string.IsNullOrEmpty(name))
            throw new ArgumentException("a collector needs a name", nameof(collector));
        MetricFamily[] families = [.. collector.Families];
        lock (_lock)
        {
            if (_gatherer.HasCollector(name))
                throw new InvalidOperationException($"a collector of the name '{name}' is registered already");
            _rules.Admit(families);
            _errors.WithLabels(name);
            _gatherer.Add(new CollectorSource(collector, name, [.. families.Select(Segment)], Admit));
        }
    }

    /// <summary>
    /// Gathers a whole body. One gather runs at a time; the scrapes that come while it runs share the next one,
    /// which starts after they came, so nobody is given values older than the request.
    /// </summary>
    /// <returns>The body; dispose it when it is sent.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the body was there.</exception>
    public ValueTask<Scrape> ScrapeAsync(ScrapeFormat format, CancellationToken cancellationToken = default) =>
        _scrapes.ScrapeAsync(format, cancellationToken);

    /// <summary>Adds an instrument.</summary>
    internal void Register(IInstrument instrument)
    {
        lock (_lock)
        {
            _rules.Admit([instrument.Family]);
            _gatherer.Add(new InstrumentSource(instrument, Segment(instrument.Family)));
        }
    }

    private SharedBody Gather(bool openMetrics) =>
        _gatherer.Gather(new GatherMode(openMetrics, openMetrics && Options.Exemplars, openMetrics && Options.CreatedTimestamps));

    private FamilySegment Admit(MetricFamily family)
    {
        lock (_lock)
            _rules.Admit([family]);
        return Segment(family);
    }

    private FamilySegment Segment(MetricFamily family) => new(family, _statics, _pool);

    private void OnFailure(string collector, Exception exception)
    {
        _errors.WithLabels(collector).Inc();
        CollectorFailed?.Invoke(collector, exception);
    }
}
