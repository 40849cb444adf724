using CiMetrics.Durable;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Sidecar.Delivery;
using CiMetrics.Sidecar.Intake;
using CiMetrics.Sidecar.Metrics;
using CiMetrics.Sidecar.Spooling;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Sidecar;

/// <summary>The pipeline: the intake brings files into the spool, the delivery sends what is in it.</summary>
internal sealed partial class SidecarService : IService
{
    private SidecarSettings _settings = null!;

    public ServiceInfo Info { get; } = new()
    {
        Command = "exporter",
        Title = "CI Job Sidecar",
        Description = "Sends what CI jobs write into a file to the receiver, once and for certain",
        DefaultPort = 9100,
        ListensByDefault = false,
    };

    public void Declare(ServiceSettings settings)
    {
        _settings = new SidecarSettings(settings, "ci-sidecar");
        settings.Arguments(_settings.FilePath, _settings.ReceiverHostname);
        settings.AddCommand("drain", "Send what is left in a spool, then end", DrainAsync, _settings.SpoolFolder, _settings.ReceiverHostname);
        settings.AddCommand(
            "write", "Write the file at the end of a job, from the CI system's variables",
            context => _settings.Write.RunAsync(Environment.GetEnvironmentVariable, context.Time), _settings.FilePath);
    }

    public void Start(ServiceContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        Spool spool = OpenSpool(_settings.SpoolFolder.Value, context.Time, logger);
        IntakeRules rules = _settings.Rules(new JobVariables(Environment.GetEnvironmentVariable));
        IntakeCounts counts = new(context.Metrics);
        FileTaker taker = new(spool, new SeenFiles(spool.PathOf("seen")), rules, counts, logger);
        FolderChanges changes = new(_settings.Poll.Value, context.Time, logger);
        IntakeLoop intake = new(new JobFiles(_settings.FilePath.Value, context.Time), taker, changes, rules, counts, context.Time, logger);
        Sender sender = new(_settings.Receiver, () => _settings.Token.Value, _settings.RequestTimeout.Value, context.Time);
        DeliveryCounts delivered = new(context.Metrics);
        DeliveryLoop delivery = new(spool, sender, _settings.GiveUpAfter.Value, delivered, context.Time, logger);

        context.Registry.Register(new StateCollector(spool, delivered, context.Time));
        context.AddFact($"Takes {_settings.FilePath.Value} to {_settings.Receiver}");
        string folder = spool.PathOf("");
        LogTaking(logger, _settings.FilePath.Value, _settings.Receiver, folder, spool.Count);
        // Once the grace period is over, the delivery needs a moment to let go.
        TimeSpan patience = _settings.Grace.Value + TimeSpan.FromSeconds(5);
        context.RunLoop("intake", stopping => RunIntakeAsync(intake, changes, stopping), patience);
        context.RunLoop("delivery", stopping => RunDeliveryAsync(delivery, intake, spool, sender, context, stopping), patience);
    }

    /// <summary>A sidecar has its spool for as long as it runs.</summary>
    public string? TroubleWithoutAddress()
    {
        string folder = _settings.SpoolFolder.Value;
        try
        {
            return FolderLock.IsTaken(folder) ? null : $"no sidecar has the spool {folder} (--spool-dir)";
        }
        catch (UnauthorizedAccessException exception)
        {
            return $"the spool cannot be used (--spool-dir): {exception.Message}";
        }
    }

    private async Task RunIntakeAsync(IntakeLoop intake, FolderChanges changes, CancellationToken stopping)
    {
        using (changes)
            await intake.RunAsync(_settings.Once.Value, stopping);
        // With --once the intake is over before the delivery, which ends the service.
        if (!stopping.IsCancellationRequested) await Task.Delay(Timeout.Infinite, stopping);
    }

    private async Task RunDeliveryAsync(
        DeliveryLoop delivery, IntakeLoop intake, Spool spool, Sender sender, ServiceContext context, CancellationToken stopping)
    {
        using (spool)
        using (sender)
        {
            if (_settings.Once.Value)
            {
                await delivery.DrainAsync(intake.Ended, stopping);
                context.Stop();
            }
            await delivery.RunAsync(intake.Ended, _settings.Grace.Value, stopping);
        }
    }

    private async Task<int> DrainAsync(CommandContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        if (!Directory.Exists(_settings.SpoolFolder.Value))
            throw new ServiceFailedException($"there is no spool: {_settings.SpoolFolder.Value} is not a folder");
        using Spool spool = OpenSpool(_settings.SpoolFolder.Value, context.Time, logger);
        if (_settings.DeadLetters.Value) spool.Revive();
        using Sender sender = new(_settings.Receiver, () => _settings.Token.Value, _settings.RequestTimeout.Value, context.Time);
        MetricFactory metrics = Exposition.Metrics.WithCustomRegistry(new CollectorRegistry());
        DeliveryLoop delivery = new(spool, sender, _settings.GiveUpAfter.Value, new DeliveryCounts(metrics), context.Time, logger);
        await delivery.DrainAsync(Task.CompletedTask, context.Stopping);
        LogDrained(logger, delivery.Delivered, delivery.PutAside, spool.UnreadableCount, spool.Count);
        return spool.Count + delivery.PutAside + spool.UnreadableCount == 0 ? ExitCode.Stopped : ExitCode.Failed;
    }

    private static Spool OpenSpool(string folder, TimeProvider time, ILogger logger)
    {
        try
        {
            return Spool.Open(folder, time, path => LogUnreadable(logger, path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"the spool cannot be used (--spool-dir): {exception.Message}", exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Taking the files of jobs")]
    private static partial void LogTaking(ILogger logger, string path, Uri receiver, string spool, int waiting);

    [LoggerMessage(Level = LogLevel.Information, Message = "Drained")]
    private static partial void LogDrained(ILogger logger, int sent, int putAside, int unreadable, int left);

    [LoggerMessage(Level = LogLevel.Error, Message = "A file in the spool holds no event; it is left alone")]
    private static partial void LogUnreadable(ILogger logger, string file);
}
