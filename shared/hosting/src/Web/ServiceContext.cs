using CiMetrics.Exposition;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>What a service works with while it runs.</summary>
public sealed class ServiceContext
{
    private readonly BackgroundLoops _loops;
    private readonly Readiness _readiness;
    private readonly ShutdownSignals _signals;

    internal ServiceContext(
        CollectorRegistry registry,
        ILoggerFactory loggers,
        TimeProvider time,
        BackgroundLoops loops,
        Readiness readiness,
        ShutdownSignals signals)
    {
        Registry = registry;
        Metrics = Exposition.Metrics.WithCustomRegistry(registry);
        Loggers = loggers;
        Time = time;
        Stopping = signals.Stopping;
        _signals = signals;
        _loops = loops;
        _readiness = readiness;
    }

    /// <summary>The registry behind <c>/metrics</c>; it carries the labels that the user added.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>Makes instruments in <see cref="Registry"/>.</summary>
    public MetricFactory Metrics { get; }

    /// <summary>Where loggers come from.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>
    /// Cancelled when the service was told to stop: requests that wait for something should end. Loops get a token of
    /// their own, cancelled once the requests in flight are answered.
    /// </summary>
    public CancellationToken Stopping { get; }

    internal List<Endpoint> Endpoints { get; } = [];

    internal List<OwnServer> Servers { get; } = [];

    internal List<LandingLink> Links { get; } = [];

    internal List<string> Facts { get; } = [];

    internal ScrapePreparation? Preparation { get; private set; }

    internal Func<CancellationToken, Task>? ReadAgain { get; private set; }

    internal List<MetricsPath> MoreMetrics { get; } = [];

    internal List<ProbePath> Probes { get; } = [];

    /// <summary>Adds an endpoint. Methods other than those named are answered 405; without names it is GET and HEAD.</summary>
    public void Map(string path, RequestDelegate handler, params string[] methods) =>
        Endpoints.Add(methods is null or [] ? Endpoint.ReadOnly(path, handler) : new Endpoint(path, handler, methods));

    /// <summary>
    /// As <see cref="Map"/>, for what is not scraped but sent: the handler decides who is let in, and the rules of the
    /// web server (<c>--web.bearer-token</c>, <c>--web.allow</c>, users) do not guard it.
    /// </summary>
    public void MapWithOwnAccess(string path, RequestDelegate handler, params string[] methods) =>
        Endpoints.Add(new Endpoint(path, handler, methods) { HasOwnAccess = true });

    /// <summary>
    /// Listens at addresses of its own for what is sent to one path, so that whoever may send there need not reach the
    /// metrics. The handler decides who is let in; the health paths answer there too, TLS and limits are those of the
    /// web server.
    /// </summary>
    public void Serve(IReadOnlyList<ListenAddress> addresses, string path, RequestDelegate handler, params string[] methods) =>
        Servers.Add(new OwnServer(addresses, new Endpoint(path, handler, methods) { HasOwnAccess = true }));

    /// <summary>
    /// Starts a loop that the service owns. It runs until its token is cancelled and is awaited before the process
    /// ends. If it ends before, with or without an exception, the process ends with exit code 1.
    /// </summary>
    /// <param name="name">Its name in metrics and logs.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="patience">How long it may take to end once its token is cancelled; default 5 s.</param>
    public void RunLoop(string name, Func<CancellationToken, Task> loop, TimeSpan? patience = null) => _loops.Run(name, loop, patience);

    /// <summary>Stops the service as a signal would: its work is done. The exit code is 0.</summary>
    public void Stop() => _signals.Stop();

    /// <summary>Has every scrape wait for this before the metrics are gathered, within the time that the scraper gives.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void BeforeScrape(ScrapePreparation preparation) =>
        Preparation = Preparation is null ? preparation : throw new InvalidOperationException("There is a preparation already.");

    /// <summary>Has SIGHUP read files of the service's own again, besides those that hosting knows.</summary>
    /// <exception cref="InvalidOperationException">There is something already.</exception>
    public void OnHangUp(Func<CancellationToken, Task> readAgain) =>
        ReadAgain = ReadAgain is null ? readAgain : throw new InvalidOperationException("SIGHUP reads something again already.");

    /// <summary>
    /// Adds a path that is scraped as the telemetry path is, for figures that are not this process's own.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="registry">What is scraped there.</param>
    /// <param name="preparation">What every scrape of it waits for.</param>
    public void MapMetrics(string path, CollectorRegistry registry, ScrapePreparation preparation) =>
        MoreMetrics.Add(new MetricsPath(path, registry, preparation));

    /// <summary>
    /// Adds a path that is scraped for one of several targets, which a parameter of the query names. Names that are not
    /// there are answered 404: callers choose among targets, they cannot bring their own.
    /// </summary>
    /// <param name="path">The path, such as <c>/probe</c>.</param>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="targets">What is scraped under each name.</param>
    public void MapProbes(string path, string parameter, IReadOnlyDictionary<string, ProbeTarget> targets) =>
        Probes.Add(new ProbePath(path, parameter, targets));

    /// <summary>
    /// Says that requests cannot be taken for now: <c>/-/ready</c> answers 503 until <see cref="Ready"/>. Only for what
    /// the service itself lacks: an upstream that is down is no reason.
    /// </summary>
    /// <param name="reason">Why, for the log; readers of <c>/-/ready</c> do not see it.</param>
    public void NotReady(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        _readiness.Hinder(reason);
    }

    /// <summary>Takes <see cref="NotReady"/> back. A service that never called it is ready as soon as it listens.</summary>
    public void Ready() => _readiness.Hinder(null);

    /// <summary>Adds a link to the landing page.</summary>
    public void AddLink(string path, string text) => Links.Add(new LandingLink(path, text));

    /// <summary>Adds a line of text to the landing page, for example what the service watches. No secrets.</summary>
    public void AddFact(string text) => Facts.Add(text);
}

/// <summary>A path that is scraped.</summary>
internal sealed record MetricsPath(string Path, CollectorRegistry Registry, ScrapePreparation? Preparation);

/// <summary>Addresses of the service's own, and what is sent there.</summary>
internal sealed record OwnServer(IReadOnlyList<ListenAddress> Addresses, Endpoint Endpoint);
