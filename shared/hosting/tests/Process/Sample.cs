using System.Net;
using System.Net.Sockets;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>
/// The sample service as a real process: the build's output, or the program that HOSTING_SAMPLE names, for example the
/// published one.
/// </summary>
internal static class Sample
{
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("HOSTING_SAMPLE") ?? Path.Combine(AppContext.BaseDirectory, "hosting-sample");

    /// <summary>Runs it to its end.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => ServiceProcess.RunAsync(Program, arguments);

    /// <summary>Starts it on a free port of the loopback address and waits until it listens.</summary>
    public static async Task<RunningSample> StartAsync(params string[] arguments)
    {
        var port = FreePort.Next();
        var process = await ServiceProcess.StartAsync(
            Program, ["--bind", "127.0.0.1", "--port", port.ToString(), .. arguments], IsListening);
        return new RunningSample(process, port);
    }

    public static bool IsListening(string line) => line.Contains("Listening", StringComparison.Ordinal);
}

/// <summary>A sample that listens, and a client for it.</summary>
internal sealed class RunningSample(ServiceProcess process, int port) : IAsyncDisposable
{
    public ServiceProcess Process => process;

    public int Port => port;

    public HttpClient Client { get; } = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path) => Client.SendAsync(new HttpRequestMessage(method, path));

    public Task<string> GetTextAsync(string path) => Client.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>Sends a request and reads all there is to the answer.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        try
        {
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // The server may reset the connection after its answer to an unfinished request.
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await process.DisposeAsync();
    }
}
