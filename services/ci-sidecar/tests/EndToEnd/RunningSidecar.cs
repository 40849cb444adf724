using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>The published sidecar on folders of its own.</summary>
internal sealed class RunningSidecar : IAsyncDisposable
{
    private RunningSidecar(ServiceProcess process) => Process = process;

    public ServiceProcess Process { get; }

    public static string Binary => Published.Binary("exporter");

    /// <summary>Starts it and waits until it takes files.</summary>
    public static async Task<RunningSidecar> StartAsync(
        TempFolder folder, string path, Uri receiver, string[]? flags = null, Dictionary<string, string>? environment = null) =>
        new(await ServiceProcess.StartAsync(
            Binary,
            [path, receiver.Authority, "--spool-dir", folder.PathOf("spool"), .. flags ?? []],
            line => line.Contains("Taking the files", StringComparison.Ordinal),
            environment));

    public async Task<int> StopAsync()
    {
        Process.Signal(Signals.Terminate);
        return await Process.WaitForExitAsync();
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
