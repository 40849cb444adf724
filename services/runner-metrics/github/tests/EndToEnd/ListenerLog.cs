using System.Globalization;
using System.Text;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>
/// A listener's log as the runner writes it: one file held open, each line written out at once, and from 8 MB on another
/// file by the time of day. A name that is taken is appended to.
/// </summary>
internal sealed class ListenerLog(string folder) : IDisposable
{
    private const long PageSize = 8 << 20;

    private StreamWriter? _file;
    private long _length;

    /// <summary>How many files were begun.</summary>
    public int Files { get; private set; }

    public void Write(DateTimeOffset at, string source, string text)
    {
        if (_file is null || _length > PageSize) Begin(at);
        string line = $"[{at.UtcDateTime:u} INFO {source}] {text}";
        _file!.WriteLine(line);
        _length += line.Length + 1;
    }

    public void Dispose() => _file?.Dispose();

    private void Begin(DateTimeOffset at)
    {
        _file?.Dispose();
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"Runner_{at.UtcDateTime:yyyyMMdd-HHmmss}-utc.log"));
        FileStream stream = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 4096);
        (_file, _length) = (new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" }, stream.Length);
        Files++;
    }
}
