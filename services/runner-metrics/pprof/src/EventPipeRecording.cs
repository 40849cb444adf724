using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace CiMetrics.Pprof;

/// <summary>Records events of this process's own runtime into a file, through its diagnostics port.</summary>
internal static class EventPipeRecording
{
    /// <summary>The runtime's own provider.</summary>
    public const string Runtime = "Microsoft-Windows-DotNETRuntime";

    /// <summary>The runtime's sampler of stacks.</summary>
    public const string Sampler = "Microsoft-DotNETCore-SampleProfiler";

    private const int BufferMegabytes = 64;

    /// <summary>Records for a while. The file holds whole events and, at its end, the names of the methods.</summary>
    /// <param name="path">The file.</param>
    /// <param name="providers">What to record.</param>
    /// <param name="duration">How long.</param>
    /// <param name="cancellationToken">Ends it early, without a usable file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="DiagnosticsClientException">The runtime has no diagnostics port, or it refuses.</exception>
    public static async Task RecordAsync(string path, IReadOnlyList<EventPipeProvider> providers, TimeSpan duration, CancellationToken cancellationToken)
    {
        DiagnosticsClient client = new(Environment.ProcessId);
        using EventPipeSession session = await client.StartEventPipeSessionAsync(providers, requestRundown: true, BufferMegabytes, cancellationToken);
        await using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        Task copy = session.EventStream.CopyToAsync(file, CancellationToken.None);
        try
        {
            await Task.Delay(duration, cancellationToken);
        }
        finally
        {
            // Also when nobody waits any more: a session that is left alone goes on recording.
            await session.StopAsync(CancellationToken.None);
            await copy;
        }
    }

    /// <summary>A provider.</summary>
    public static EventPipeProvider Provider(string name, EventLevel level, long keywords) => new(name, level, keywords);
}
