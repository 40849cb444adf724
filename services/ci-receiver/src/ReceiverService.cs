using CiMetrics.Durable;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Receiver.Access;
using CiMetrics.Receiver.Http;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Metrics;
using CiMetrics.Receiver.Storage;
using CiMetrics.Receiver.Storage.Journal;
using CiMetrics.Receiver.Storage.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CiMetrics.Receiver;

/// <summary>
/// The pipeline: a request becomes events, the store makes them durable and counts them in the ledger, the collector
/// turns the ledger into metrics.
/// </summary>
internal sealed class ReceiverService : IService
{
    private ReceiverSettings _settings = null!;

    public ServiceInfo Info { get; } = new()
    {
        Command = "receiver",
        Title = "CI Receiver",
        Description = "Counts CI jobs that are reported to it over HTTP, each exactly once",
        DefaultPort = 80,
    };

    public void Declare(ServiceSettings settings) => _settings = new ReceiverSettings(settings);

    public void Start(ServiceContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        ReceiverMetrics metrics = new(context.Metrics);
        StoreTally tally = new(metrics.Commits, metrics.CommitFailures, problem => Report(context, problem));
        IEventStore store = _settings.Database is { } database
            ? StartDatabase(context, database, tally, logger)
            : StartJournal(context, metrics, tally, logger);
        StepsEndpoint steps = new(store, Senders(context, logger), metrics, context.Time);
        foreach (string path in (ReadOnlySpan<string>)["/steps", "/jobs"]) context.MapWithOwnAccess(path, steps.HandleAsync, HttpMethods.Get, HttpMethods.Post);
    }

    // The ledger is this process's own: its figures are among its metrics.
    private JournalStore StartJournal(ServiceContext context, ReceiverMetrics metrics, StoreTally tally, ILogger logger)
    {
        JobLedger ledger = new(_settings.Limits(), _settings.Bounds());
        StateFolder folder = DataFolder.Open(_settings.Folder, ledger, context.Time, logger);
        tally.JournalBytes = folder.JournalLength;
        Compaction compaction = new(_settings.JournalLimit, metrics.SnapshotFailures, context.Time, logger);
        JournalStore store = new(folder, ledger, compaction, tally, context.Time, logger);
        try
        {
            store.Declare(_settings.Catalog());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"cannot write the catalog's series into the data folder {_settings.Folder}: {exception.Message}", exception);
        }

        Register(context.Registry, ledger, ledger.Figures, context.Time);
        context.Registry.Register(new StoreCollector(tally, hasJournal: true));
        context.AddFact($"Keeps its ledger in {folder.Path}");
        // A snapshot that is being written is waited for; without it the next start only reads more.
        context.RunLoop("store", store.RunAsync, TimeSpan.FromSeconds(20));
        return store;
    }

    // The ledger is everybody's: any replica serves it at a path of its own, to be scraped once.
    private PostgresStore StartDatabase(ServiceContext context, NpgsqlConnectionStringBuilder database, StoreTally tally, ILogger logger)
    {
        NpgsqlSlimDataSourceBuilder builder = new(database.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        NpgsqlDataSource source = builder.Build();
        tally.Hinder("not connected to the database yet");
        PostgresStore store = new(source, () => new JobLedger(_settings.Limits(), _settings.Bounds()), _settings.Catalog(), tally, context.Time, logger);

        JobLedger shared = new(_settings.Limits(), _settings.Bounds());
        PostgresTotals totals = new(source, shared, context.Time);
        CollectorRegistry registry = new(context.Registry.StaticLabels, new RegistryOptions { CreatedTimestamps = _settings.CreatedTimestamps, WithoutErrorCounter = true })
        {
            CollectorFailed = (collector, exception) => throw new InvalidOperationException($"the collector {collector} failed", exception),
        };
        Register(registry, shared, totals.Figures, context.Time);
        context.MapMetrics("/totals", registry, totals.PrepareAsync);
        context.AddLink("/totals", "the figures that all replicas share");
        context.Registry.Register(new StoreCollector(tally, hasJournal: false));
        context.AddFact($"Shares its ledger in the database {database.Database} on {database.Host}");
        context.RunLoop("store", store.RunAsync);
        context.RunLoop("upkeep", new PostgresUpkeep(source, _settings.Limits(), tally, context.Time, logger).RunAsync);
        return store;
    }

    private void Register(CollectorRegistry registry, JobLedger ledger, Func<LedgerFigures> figures, TimeProvider time)
    {
        registry.Register(new JobCollector(ledger.Read, ledger.Bounds, _settings.ZeroFirst, time));
        registry.Register(new LedgerCollector(figures, _settings.Limits(), time));
    }

    private TokenFile? Senders(ServiceContext context, ILogger logger)
    {
        if (_settings.TokenFile.Length == 0) return null;
        SenderTokens tokens = TokenFile.Read(_settings.TokenFile, out string? rule) ?? throw new ServiceFailedException($"--token-file {rule}");
        TokenFile file = new(_settings.TokenFile, tokens, context.Time, logger);
        context.Registry.Register(new SenderCollector(file));
        context.RunLoop("senders", file.RunAsync);
        return file;
    }

    // A receiver that cannot store anything can take nothing: senders should ask another one, or wait.
    private static void Report(ServiceContext context, string? problem)
    {
        if (problem is null) context.Ready();
        else context.NotReady(problem);
    }
}
