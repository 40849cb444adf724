using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.Metrics;
using CiMetrics.Spacelift.State;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift;

/// <summary>Everything that runs for one account: its queries for scrapes, its listings in the background, its metrics.</summary>
internal sealed class AccountWatch
{
    private readonly SpaceliftSettings _settings;
    private readonly Account _account;
    private readonly Connection _connection;
    private readonly ScrapeRefresh _refresh;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _updating = new();
    private StackView _view = StackView.Empty;

    /// <summary>Puts it together; nothing is sent yet.</summary>
    /// <param name="key">The account.</param>
    /// <param name="settings">The settings, which hold for every account.</param>
    /// <param name="registry">Where its metrics go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where its log lines go.</param>
    public AccountWatch(AccountKey key, SpaceliftSettings settings, CollectorRegistry registry, TimeProvider time, ILogger logger)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
        _connection = Connection.Open(key, settings, Exposition.Metrics.WithCustomRegistry(registry), time, logger);
        _account = new Account(settings.StacksPages, settings.DriftPages);
        _refresh = new ScrapeRefresh(_account.ForScrape, _connection.Api, settings.ScrapeTimeout, settings.MinRefresh, settings.FailsScrapes, time, logger);
        Func<StackView> view = () => Volatile.Read(ref _view);
        registry.Register(new AccountCollector(_account));
        registry.Register(new StackCollector(view, _account));
        registry.Register(new SpaceCollector(view, time));
        registry.Register(new HealthCollector(_account, _refresh, _connection.Budget, time));
    }

    /// <summary>What every scrape waits for.</summary>
    public Task<string?> PrepareAsync(CancellationToken deadline) => _refresh.PrepareAsync(deadline);

    /// <summary>Starts its loops.</summary>
    /// <param name="context">The service.</param>
    /// <param name="suffix">What tells its loops from those of other accounts.</param>
    /// <param name="loggedIn">Called once it has logged in.</param>
    public void Start(ServiceContext context, string suffix, Action loggedIn)
    {
        context.RunLoop("login" + suffix, new LoginLoop(_connection.Api, loggedIn, _time, _logger).RunAsync);
        context.RunLoop("stacks" + suffix, new ListingLoop(_account.Stacks, _connection.Api, _settings.StacksRefresh, Update, _time, _logger).RunAsync);
        context.RunLoop("drift" + suffix, new ListingLoop(_account.Drift, _connection.Api, _settings.DriftRefresh, Update, _time, _logger).RunAsync);
    }

    // Two loops update it: the one that comes last must have seen both listings.
    private void Update()
    {
        lock (_updating) Volatile.Write(ref _view, StackView.Of(_account.Stacks.Slot, _account.Drift.Slot, _settings.Shown));
    }
}
