using System.Net.Http.Headers;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>The published program, as users run it.</summary>
internal sealed class ReceiverProcess : IAsyncDisposable
{
    private readonly ServiceProcess _process;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };

    private ReceiverProcess(ServiceProcess process, int port)
    {
        _process = process;
        Port = port;
        Target = $"127.0.0.1:{port}";
    }

    public int Port { get; }

    /// <summary>Its address, as Prometheus takes it.</summary>
    public string Target { get; }

    public int Pid => _process.Pid;

    public IReadOnlyList<string> Log => _process.Log;

    public static Task<ReceiverProcess> StartAsync(string folder, params string[] arguments) => StartOnAsync(FreePort.Next(), ["--data-dir", folder, .. arguments]);

    public static Task<ReceiverProcess> StartOnAsync(int port, params string[] arguments) =>
        StartAsync(port, Published.Binary("receiver"), [$"--web.listen-address=127.0.0.1:{port}", .. arguments]);

    /// <summary>Through a program that becomes it.</summary>
    public static Task<ReceiverProcess> StartThroughAsync(string program, string[] before, params string[] arguments)
    {
        int port = FreePort.Next();
        return StartAsync(port, program, [.. before, Published.Binary("receiver"), $"--web.listen-address=127.0.0.1:{port}", .. arguments]);
    }

    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        ServiceProcess.RunAsync(Published.Binary("receiver"), arguments);

    public Uri Url(string path) => new($"http://{Target}{path}");

    public async Task<(int Status, string Body)> GetAsync(string path, string? token = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, Url(path));
        return await SendAsync(request, token);
    }

    public async Task<(int Status, string Body)> PostAsync(string body, string type = "application/json", string? key = null, string? token = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url("/steps")) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (key is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await SendAsync(request, token);
    }

    public Task<ScrapedText> ScrapeAsync() => ScrapedText.GetAsync(_client, Url("/metrics"));

    public void Signal(int signal) => _process.Signal(signal);

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync();

    public async ValueTask DisposeAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            await TestContext.Out.WriteLineAsync(string.Join('\n', _process.Log));
        _client.Dispose();
        await _process.DisposeAsync();
    }

    private static async Task<ReceiverProcess> StartAsync(int port, string program, string[] arguments)
    {
        ServiceProcess process = await ServiceProcess.StartAsync(program, arguments, line => line.Contains("Listening", StringComparison.Ordinal));
        return new ReceiverProcess(process, port);
    }

    private async Task<(int Status, string Body)> SendAsync(HttpRequestMessage request, string? token)
    {
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await _client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
