using Microsoft.Extensions.Logging;

namespace CiMetrics.Receiver.Access;

/// <summary>The file of tokens, read again when it changes. One that cannot be used leaves the tokens as they were.</summary>
internal sealed partial class TokenFile(string path, SenderTokens tokens, TimeProvider time, ILogger logger)
{
    private const int LargestFile = 4 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private volatile SenderTokens _tokens = tokens;
    private volatile bool _valid = true;

    /// <summary>The tokens that hold now.</summary>
    public SenderTokens Tokens => _tokens;

    /// <summary>Whether the file could be used when it was read last.</summary>
    public bool IsValid => _valid;

    /// <summary>Reads a file; null and the rule that it breaks.</summary>
    public static SenderTokens? Read(string path, out string? rule)
    {
        try
        {
            FileInfo file = new(path);
            if (file.Length <= LargestFile) return SenderTokens.Parse(File.ReadAllText(path), out rule);
            rule = $"must name a file of at most {LargestFile >> 20} MiB";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            rule = $"must name a readable file: {exception.Message}";
        }

        return null;
    }

    /// <summary>Looks for changes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Interval, time);
        string? seen = Identity();
        while (await timer.WaitForNextTickAsync(stopping))
        {
            string? now = Identity();
            if (now == seen) continue;
            seen = now;
            Load();
        }
    }

    private void Load()
    {
        if (Read(path, out string? rule) is { } tokens)
        {
            (_tokens, _valid) = (tokens, true);
            LogLoaded(path, tokens.Count);
            return;
        }

        _valid = false;
        LogInvalid(path, rule!);
    }

    // Files in Kubernetes' volumes change by a link that points elsewhere: length and time of what is behind it tell.
    private string? Identity()
    {
        try
        {
            FileInfo file = new(path);
            FileSystemInfo target = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            return $"{target.FullName} {target.LastWriteTimeUtc.Ticks} {file.Length}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Read the senders' tokens again")]
    private partial void LogLoaded(string file, int tokens);

    [LoggerMessage(Level = LogLevel.Error, Message = "The senders' tokens cannot be read again; those from before hold")]
    private partial void LogInvalid(string file, string rule);
}
