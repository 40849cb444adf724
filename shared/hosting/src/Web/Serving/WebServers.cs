namespace CiMetrics.Hosting;

/// <summary>All servers of a service: they start one after the other and stop together.</summary>
internal sealed class WebServers : IAsyncDisposable
{
    private readonly List<WebServer> _servers = [];

    /// <summary>The addresses listened on.</summary>
    public IEnumerable<string> Urls => _servers.SelectMany(server => server.Urls);

    /// <summary>Adds one that does not listen yet.</summary>
    public void Add(WebServer server) => _servers.Add(server);

    /// <summary>Starts to listen.</summary>
    /// <exception cref="ServiceFailedException">An address cannot be listened on; the message says what to do.</exception>
    public async Task StartAsync()
    {
        foreach (var server in _servers)
            await server.StartAsync();
    }

    /// <summary>Stops listening; what is still being answered when the token is cancelled is cut off.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_servers.Select(server => server.StopAsync(cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }
}
