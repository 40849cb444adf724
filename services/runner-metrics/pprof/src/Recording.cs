using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing.Etlx;

namespace CiMetrics.Pprof;

/// <summary>A recording that was read: its events with their stacks. Its files are gone when it is disposed.</summary>
internal sealed class Recording : IDisposable
{
    private readonly DirectoryInfo _folder;

    private Recording(DirectoryInfo folder, TraceLog log) => (_folder, Log) = (folder, log);

    private TraceLog Log { get; }

    /// <summary>Records and reads.</summary>
    public static async Task<Recording> TakeAsync(IReadOnlyList<EventPipeProvider> providers, TimeSpan duration, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pprof-");
        try
        {
            string trace = Path.Combine(folder.FullName, "profile.nettrace");
            await EventPipeRecording.RecordAsync(trace, providers, duration, cancellationToken);
            return new Recording(folder, new TraceLog(TraceLog.CreateFromEventPipeDataFile(trace)));
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Reads the events: the callbacks that are set are called for each, in the order of time.</summary>
    public void Read(Action<TraceLogEventSource> subscribe)
    {
        using TraceLogEventSource source = Log.Events.GetSource();
        subscribe(source);
        source.Process();
    }

    /// <summary>The frames of a stack, the innermost first.</summary>
    public static IEnumerable<PprofFrame> Frames(TraceCallStack? stack)
    {
        for (TraceCallStack? frame = stack; frame is not null; frame = frame.Caller)
        {
            string method = frame.CodeAddress.FullMethodName;
            yield return new PprofFrame(method.Length > 0 ? method : "[unknown]", frame.CodeAddress.ModuleName is { Length: > 0 } module ? module : "[unknown]");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Log.Dispose();
        _folder.Delete(recursive: true);
    }
}
