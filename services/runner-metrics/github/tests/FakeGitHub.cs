using System.Net;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests;

/// <summary>GitHub's API, played by a server on loopback that remembers what it was asked.</summary>
internal sealed class FakeGitHub : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<Request> _requests = [];
    private readonly Task _loop;

    /// <summary>Starts it.</summary>
    /// <param name="answer">Gets the path and the headers of the answer; gives status and body.</param>
    public FakeGitHub(Func<string, WebHeaderCollection, (int Status, string Body)> answer)
    {
        Url = $"http://127.0.0.1:{FreePort.Next()}/";
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _loop = Task.Run(async () =>
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                string path = context.Request.RawUrl!;
                lock (_requests) _requests.Add(new Request(context.Request.HttpMethod, path, new WebHeaderCollection { context.Request.Headers }));
                (context.Response.StatusCode, string body) = answer(path, context.Response.Headers);
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        });
    }

    /// <summary>Its address.</summary>
    public string Url { get; }

    /// <summary>What it was asked.</summary>
    public IReadOnlyList<Request> Requests
    {
        get
        {
            lock (_requests) return [.. _requests];
        }
    }

    /// <summary>The paths that it was asked for.</summary>
    public IEnumerable<string> Paths => Requests.Select(request => request.Path);

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    /// <summary>One request.</summary>
    public sealed record Request(string Method, string Path, WebHeaderCollection Headers);
}
