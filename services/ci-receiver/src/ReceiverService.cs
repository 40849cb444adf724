using CiMetrics.Durable;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Receiver.Access;
using CiMetrics.Receiver.Http;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Metrics;
using CiMetrics.Receiver.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

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
        LedgerLimits limits = _settings.Limits();
        BucketBounds bounds = _settings.Bounds();
        ReceiverMetrics metrics = new(context.Metrics);
        StoreTally tally = new(metrics.Commits, metrics.CommitFailures, problem => Report(context, problem));

        JobLedger ledger = new(limits, bounds);
        StateFolder folder = DataFolder.Open(_settings.Folder, ledger, context.Time, logger);
        Compaction compaction = new(_settings.JournalLimit, metrics.SnapshotFailures, context.Time, logger);
        JournalStore store = new(folder, ledger, compaction, tally, context.Time, logger);

        Declare(store);

        context.Registry.Register(new JobCollector(ledger.Read, bounds, _settings.ZeroFirst, context.Time));
        context.Registry.Register(new LedgerCollector(ledger, limits, tally, context.Time));
        StepsEndpoint steps = new(store, Senders(context, logger), metrics, context.Time);
        foreach (string path in (ReadOnlySpan<string>)["/steps", "/jobs"]) context.MapWithOwnAccess(path, steps.HandleAsync, HttpMethods.Get, HttpMethods.Post);
        context.AddFact($"Keeps its ledger in {folder.Path}");
        context.RunLoop("store", store.RunAsync);
    }

    private void Declare(JournalStore store)
    {
        try
        {
            store.Declare(_settings.Catalog());
        }
        catch (IOException exception)
        {
            throw new ServiceFailedException($"cannot write the catalog's series into the data folder {_settings.Folder}: {exception.Message}", exception);
        }
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
