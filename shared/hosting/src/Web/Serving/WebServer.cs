using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>Kestrel on the given addresses, with its limits, in front of a <see cref="Router"/>.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly IReadOnlyList<ListenAddress> _addresses;
    private readonly ListenSockets _sockets;
    private readonly OpenConnections _connections;
    private readonly TlsEndpoints _tls;
    private readonly TimeSpan _idle;

    /// <summary>Builds the server; it does not listen yet.</summary>
    public WebServer(
        IReadOnlyList<ListenAddress> addresses,
        OpenConnections connections,
        TlsEndpoints tls,
        TimeSpan idle,
        Router router,
        ILoggerFactory loggers)
    {
        _addresses = addresses;
        _sockets = new ListenSockets(addresses);
        _connections = connections;
        _tls = tls;
        _idle = idle;
        // The empty builder: the slim one dies when trimmed and served over plain HTTP.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = _sockets.Bind);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _application = builder.Build();
        _application.Run(context => connections.ServeAsync(context, router.Handle));
    }

    /// <summary>The addresses listened on, with the ports that the system chose.</summary>
    public IReadOnlyList<string> Urls =>
        _addresses.Any(address => address.Inherited is not null) ? [.. _addresses.Select(address => address.ToString())] : [.. _application.Urls];

    /// <summary>Starts to listen.</summary>
    /// <exception cref="ServiceFailedException">An address cannot be listened on; the message says what to do.</exception>
    public async Task StartAsync()
    {
        try
        {
            await _application.StartAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new ServiceFailedException(ListenFailure.Message(_addresses, exception), exception);
        }
    }

    /// <summary>Stops listening; what is still being answered when the token is cancelled is cut off.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _application.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        ServerLimits.Apply(options.Limits, _idle);
        options.ConfigureEndpointDefaults(listen =>
        {
            // Counted before the handshake, which costs most.
            _connections.Watch(listen);
            _tls.Apply(listen);
        });
        _sockets.AddTo(options);
    }

    // Signals are handled by ShutdownSignals; the default lifetime would handle them a second time.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
