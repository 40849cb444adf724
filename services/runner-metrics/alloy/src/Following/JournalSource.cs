using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using CiMetrics.AlloyRunner.Reading;
using CiMetrics.AlloyRunner.State;
using CiMetrics.RunnerMetrics.Following;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>
/// Reads the runner's log from systemd's journal through <c>journalctl -f -o json</c>, which is started again where it
/// ended, after the last entry that was taken in.
/// </summary>
internal sealed partial class JournalSource(
    RunnerMonitor monitor, Checkpoint checkpoint, LogStatus status, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Nothing more came for this long: what was there at the start has been read.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly LineIntake _intake = new(time);
    private readonly JournalEntry _entry = new();
    private string? _cursor;
    private long _bytes;
    private long _lines;
    private bool _wasUp;
    private string? _problem;

    /// <summary>The loop; ends only by cancellation.</summary>
    /// <param name="unit">The runner's unit.</param>
    /// <param name="cursor">The last entry that was taken in; null: none.</param>
    /// <param name="fromEnd">Without one: whether to begin at the end.</param>
    /// <param name="stopping">Ends it; what was counted is kept first.</param>
    public async Task RunAsync(string unit, string? cursor, bool fromEnd, CancellationToken stopping)
    {
        _cursor = cursor;
        try
        {
            while (true)
            {
                await FollowAsync(unit, fromEnd, stopping);
                await Task.Delay(Pause, time, stopping);
            }
        }
        finally
        {
            checkpoint.Save(Image, isLast: true);
        }
    }

    private RunnerImage Image() => monitor.Image() with { Cursor = _cursor, Position = null };

    private async Task FollowAsync(string unit, bool fromEnd, CancellationToken stopping)
    {
        string[] begin = _cursor is { } cursor ? ["--no-tail", $"--after-cursor={cursor}"] : fromEnd ? ["--lines=0"] : ["--no-tail"];
        ProcessStartInfo start = new("journalctl", ["--follow", "--output=json", "--all", $"--unit={unit}", .. begin])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
            if (process is null) return;
            Task<string> complaint = process.StandardError.ReadToEndAsync(stopping);
            await ReadAsync(process.StandardOutput.BaseStream, unit, stopping);
            await process.WaitForExitAsync(stopping);
            string text = await complaint;
            Down(unit, text.Length > 0 ? text.Trim()[..Math.Min(text.Trim().Length, 200)] : $"journalctl ended with {process.ExitCode}");
        }
        catch (Win32Exception exception)
        {
            Down(unit, $"journalctl cannot be started: {exception.Message}");
        }
        finally
        {
            if (process is { HasExited: false }) process.Kill();
            process?.Dispose();
        }
    }

    private async Task ReadAsync(Stream output, string unit, CancellationToken stopping)
    {
        LineSplitter splitter = new();
        byte[] buffer = new byte[128 << 10];
        Task<int> reading = output.ReadAsync(buffer, stopping).AsTask();
        bool isLive = false;
        while (true)
        {
            if (!isLive && await Task.WhenAny(reading, Task.Delay(Quiet, time, stopping)) != reading)
            {
                isLive = true;
                Up(unit);
            }
            int read = await reading;
            if (read == 0) return;
            _bytes += read;
            _lines += monitor.Write(state => splitter.Feed(buffer.AsSpan(0, read), (line, _) => Take(state, line, isLive)));
            Up(unit, told: isLive);
            checkpoint.Save(Image);
            reading = output.ReadAsync(buffer, stopping).AsTask();
        }
    }

    private void Take(RunnerState state, ReadOnlySpan<byte> line, bool isLive)
    {
        if (!_entry.Read(line))
        {
            state.CountUnparsed();
            return;
        }
        _intake.Take(state, _entry.Message, isLive, _entry.Written);
        _cursor = _entry.Cursor ?? _cursor;
    }

    private void Up(string unit, bool told = true)
    {
        status.Health = new LogHealth("journal", IsUp: true) { Bytes = _bytes, Lines = _lines, CheckpointFailures = checkpoint.Failures, CheckpointAt = checkpoint.SavedAt };
        if (!told) return;
        status.CaughtUp();
        if (!_wasUp) LogReading(unit);
        (_wasUp, _problem) = (true, null);
    }

    private void Down(string unit, string reason)
    {
        status.Health = status.Health with { Source = "journal", IsUp = false };
        status.CaughtUp();
        if (reason != _problem) LogNotReading(unit, reason);
        (_wasUp, _problem) = (false, reason);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading the runner's log from the journal")]
    private partial void LogReading(string unit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal cannot be read; trying again")]
    private partial void LogNotReading(string unit, string reason);
}

/// <summary>One entry of the journal, as <c>journalctl -o json</c> writes it.</summary>
internal sealed class JournalEntry
{
    private byte[] _message = new byte[4096];
    private int _length;

    /// <summary>Where to go on after it.</summary>
    public string? Cursor { get; private set; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset? Written { get; private set; }

    /// <summary>What it says; empty where it says nothing.</summary>
    public ReadOnlySpan<byte> Message => _message.AsSpan(0, _length);

    /// <summary>Reads a line; false where it is no entry.</summary>
    public bool Read(ReadOnlySpan<byte> line)
    {
        (Cursor, Written, _length) = (null, null, 0);
        Utf8JsonReader reader = new(line);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int which = reader.ValueTextEquals("MESSAGE"u8) ? 1 : reader.ValueTextEquals("__CURSOR"u8) ? 2 : reader.ValueTextEquals("__REALTIME_TIMESTAMP"u8) ? 3 : 0;
                if (!reader.Read()) return false;
                if (which == 1) ReadMessage(ref reader);
                else if (which == 2 && reader.TokenType == JsonTokenType.String) Cursor = reader.GetString();
                else if (which == 3 && reader.TokenType == JsonTokenType.String && long.TryParse(reader.ValueSpan, out long microseconds))
                    Written = DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds);
                else reader.Skip();
            }
            return Cursor is not null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentOutOfRangeException or InvalidOperationException)
        {
            return false;
        }
    }

    // A text, or the bytes of one that is no UTF-8.
    private void ReadMessage(scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            if (_message.Length < reader.ValueSpan.Length) _message = new byte[reader.ValueSpan.Length];
            _length = reader.CopyString(_message);
            return;
        }
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (_length == _message.Length) Array.Resize(ref _message, 2 * _message.Length);
            _message[_length++] = reader.TryGetByte(out byte value) ? value : (byte)'?';
        }
        while (reader.TokenType != JsonTokenType.EndArray && reader.Read()) reader.Skip();
    }
}
