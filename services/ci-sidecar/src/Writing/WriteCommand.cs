using System.Buffers;
using System.Text;
using System.Text.Json;
using CiMetrics.Durable;
using CiMetrics.Hosting;
using CiMetrics.Sidecar.Intake;

namespace CiMetrics.Sidecar.Writing;

/// <summary>
/// <c>exporter write PATH</c>, for the end of a job: writes what the CI system says about it, with flags over variables.
/// The file appears whole, and others may read it.
/// </summary>
internal sealed class WriteCommand
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int LongestName = 150;

    private readonly Setting<string> _path;
    private readonly (string Field, Setting<string> Given)[] _fields;

    /// <summary>Declares the flags.</summary>
    public WriteCommand(SettingSet settings, Setting<string> path)
    {
        _path = path;
        _fields =
        [
            ("id", Field("id", "Stands for this run of the job")),
            ("started", Field("started", "When the job began, RFC 3339")),
            ("status", Field("status", "How the job ended")),
            ("project", Field("project", "The project's path")),
            ("name", Field("name", "The job's name")),
            ("ref", Field("ref", "Branch or tag")),
            ("url", Field("url", "Where people look at the job")),
        ];
        Setting<string> Field(string name, string help) =>
            settings.Text(name, "With 'write': " + char.ToLowerInvariant(help[0]) + help[1..] + " (default from the CI system's variables)").FromKey(null);
    }

    /// <summary>Writes the file; gives the exit code.</summary>
    /// <param name="variable">Gives environment variables.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ServiceFailedException">A field is missing, or the file cannot be written.</exception>
    public async Task<int> RunAsync(Func<string, string?> variable, TimeProvider time)
    {
        CiVariables ci = CiVariables.Read(variable);
        string?[] found = [ci.Id, ci.Started, ci.Status, ci.Project, ci.Name, ci.Reference, ci.Url];
        List<(string Field, string Value)> values = [];
        foreach (((string field, Setting<string> given), string? value) in _fields.Zip(found))
        {
            if ((given.Value.Length > 0 ? given.Value : value ?? Own(field)) is { } text) values.Add((field, Plain(text)));
        }
        string? Own(string field) => variable(Variable(field)) is { Length: > 0 } own ? own : null;
        string[] missing = [.. ((string[])["status", "project", "name"]).Where(field => values.All(each => each.Field != field))];
        if (missing.Length > 0)
            throw new ServiceFailedException(
                "cannot write the job's file: no CI variable gives " + string.Join(", ", missing) + "; use " + string.Join(", ", missing.Select(field => $"--{field} or ${Variable(field)}")));

        // Written once, sent under one id however often it is tried.
        string id = values.Find(each => each.Field == "id").Value ?? Guid.NewGuid().ToString();
        string path = _path.Value.EndsWith('/') || Directory.Exists(_path.Value) ? Path.Combine(_path.Value, FileNameOf(id)) : _path.Value;
        try
        {
            Folders.Create(Path.GetDirectoryName(Path.GetFullPath(path))!, Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            AtomicFile.Write(path, Json(id, values, time.GetUtcNow()), Readable);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"cannot write the job's file {path}: {exception.Message}", exception);
        }
        await Console.Out.WriteLineAsync(path);
        return ExitCode.Stopped;
    }

    private static string Variable(string field) => "JOB_" + field.ToUpperInvariant();

    // The receiver takes no control characters, and a job's name may hold line breaks.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    // Ids that differ get names that differ; a name that begins with a dot would be taken for a temporary file's.
    private static string FileNameOf(string id)
    {
        string name = Uri.EscapeDataString(id).Replace(".", "%2E", StringComparison.Ordinal);
        return (name.Length <= LongestName ? name : ContentDigest.Of(Encoding.UTF8.GetBytes(id))) + ".json";
    }

    private static ReadOnlySpan<byte> Json(string id, List<(string Field, string Value)> values, DateTimeOffset now)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id", id);
            foreach ((string field, string value) in values.Where(each => each.Field != "id"))
                writer.WriteString(field, value);
            writer.WriteString("finished", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        return (byte[])[.. buffer.WrittenSpan, (byte)'\n'];
    }
}
