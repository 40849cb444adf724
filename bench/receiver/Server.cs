using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CiMetrics.Receiver.Bench;

/// <summary>A server under load, in a process and a folder of its own.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Process _process;

    private Server(Process process, int port, TimeSpan start)
    {
        _process = process;
        Port = port;
        StartTime = start;
    }

    public int Port { get; }

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Memory in use, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts the published receiver.</summary>
    public static Task<Server> ReceiverAsync(string folder, params string[] arguments)
    {
        string path = Path.Combine(Root(), "artifacts", "publish", "receiver", "receiver");
        if (!File.Exists(path)) throw new InvalidOperationException($"{path} is not there: run ./build.sh publish");
        return StartAsync(path, port => [$"--web.listen-address=127.0.0.1:{port}", "--data-dir", folder, "--log.level=error", .. arguments]);
    }

    /// <summary>Starts Prometheus's pushgateway, with the file that it keeps now and then; null where it is not installed.</summary>
    public static async Task<Server?> PushgatewayAsync(string folder)
    {
        const string Path = "/usr/bin/prometheus-pushgateway";
        return File.Exists(Path)
            ? await StartAsync(Path, port => [$"--web.listen-address=127.0.0.1:{port}", $"--persistence.file={folder}/pushed", "--log.level=error"])
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<Server> StartAsync(string path, Func<int, IEnumerable<string>> arguments)
    {
        int port = FreePort();
        long start = Stopwatch.GetTimestamp();
        Process process = Process.Start(path, arguments(port));
        using HttpClient client = new();
        while (!process.HasExited)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/-/ready"));
                if (answer.IsSuccessStatusCode) return new Server(process, port, Stopwatch.GetElapsedTime(start));
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(5);
        }

        throw new InvalidOperationException($"{path} ended with {process.ExitCode}");
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no global.json above the program");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
