using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Pages;

/// <summary>Headless Chromium with one page, spoken to over its DevTools protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly TempFolder _profile;
    private readonly ServiceProcess _process;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode?>> _asked = new();
    private readonly ConcurrentQueue<(string Method, JsonNode Parameters)> _events = new();
    private Task _reading = Task.CompletedTask;
    private string? _session;
    private int _id;

    private Browser(TempFolder profile, ServiceProcess process)
    {
        _profile = profile;
        _process = process;
    }

    /// <summary>What the page wrote to the console as an error or warning, what it threw, and what it could not load, since the last navigation.</summary>
    public IReadOnlyList<string> Complaints =>
    [
        .. _events.Where(happened => happened.Method switch
        {
            "Runtime.exceptionThrown" or "Network.loadingFailed" => true,
            "Runtime.consoleAPICalled" => (string?)happened.Parameters["type"] is "error" or "warning" or "assert",
            "Log.entryAdded" => (string?)happened.Parameters["entry"]?["level"] is "error" or "warning",
            _ => false,
        }).Select(happened => $"{happened.Method} {happened.Parameters.ToJsonString()}"),
    ];

    /// <summary>Starts Chromium with a profile of its own.</summary>
    public static async Task<Browser> StartAsync()
    {
        string program = Requires.Program("chromium", "chromium");
        TempFolder profile = new();
        // Root and containers have no user namespaces for the sandbox; the pages are our own.
        ServiceProcess process = ServiceProcess.Start(program,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--remote-debugging-port=0", $"--user-data-dir={profile.Path}", "about:blank"]);
        Browser browser = new(profile, process);
        try
        {
            const string Says = "DevTools listening on ";
            string line = await process.WaitForAsync(line => line.Contains(Says, StringComparison.Ordinal), TimeSpan.FromMinutes(2));
            await browser._socket.ConnectAsync(new Uri(line[(line.IndexOf(Says, StringComparison.Ordinal) + Says.Length)..]), CancellationToken.None);
            browser._reading = browser.ReadAsync();
            JsonNode? target = await browser.AskAsync("Target.createTarget", new() { ["url"] = "about:blank" });
            JsonNode? attached = await browser.AskAsync("Target.attachToTarget", new() { ["targetId"] = (string?)target?["targetId"], ["flatten"] = true });
            browser._session = (string?)attached?["sessionId"];
            foreach (string domain in (string[])["Page", "Runtime", "Log", "Network"]) await browser.AskAsync($"{domain}.enable");
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>The window's size in CSS pixels.</summary>
    public Task ResizeAsync(int width, int height) =>
        AskAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 500 });

    /// <summary>Opens a page and waits until it is loaded.</summary>
    public async Task OpenAsync(Uri url)
    {
        _events.Clear();
        JsonNode? answer = await AskAsync("Page.navigate", new() { ["url"] = url.AbsoluteUri });
        Assert.That((string?)answer?["errorText"], Is.Null, url.AbsoluteUri);
        await Eventually.TrueAsync(() => _events.Any(happened => happened.Method == "Page.loadEventFired"), $"{url} is loaded");
    }

    /// <summary>The value of a JavaScript expression in the page, as JSON.</summary>
    public async Task<JsonNode> EvaluateAsync(string expression)
    {
        JsonNode? answer = await AskAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true });
        Assert.That(answer?["exceptionDetails"], Is.Null, expression);
        return answer!["result"]!["value"]!;
    }

    /// <summary>The window as a PNG file.</summary>
    public async Task<byte[]> ScreenshotAsync()
    {
        JsonNode? answer = await AskAsync("Page.captureScreenshot", new() { ["format"] = "png" });
        return Convert.FromBase64String((string)answer!["data"]!);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _socket.Dispose();
        await _process.DisposeAsync();
        _stop.Dispose();
        _profile.Dispose();
    }

    private async Task<JsonNode?> AskAsync(string method, JsonObject? parameters = null)
    {
        int id = Interlocked.Increment(ref _id);
        TaskCompletionSource<JsonNode?> answer = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        JsonObject message = new() { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (_session is not null) message["sessionId"] = _session;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        return await answer.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        using MemoryStream whole = new();
        try
        {
            while (true)
            {
                WebSocketReceiveResult part = await _socket.ReceiveAsync(buffer, _stop.Token);
                if (part.MessageType == WebSocketMessageType.Close) return;
                whole.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(JsonNode.Parse(whole.ToArray())!);
                whole.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The browser is stopped, or has gone: whoever waits for an answer is told by its limit.
        }
    }

    private void Take(JsonNode message)
    {
        if ((string?)message["method"] is { } method) _events.Enqueue((method, message["params"]!));
        if ((int?)message["id"] is not { } id || !_asked.TryRemove(id, out TaskCompletionSource<JsonNode?>? answer)) return;
        if (message["error"] is { } error) answer.SetException(new AssertionException(error.ToJsonString()));
        else answer.SetResult(message["result"]);
    }
}
