using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift.Api;

/// <summary>Logs in once at start, however long it takes; the service is ready from then on.</summary>
internal sealed partial class LoginLoop(SpaceliftApi api, Action loggedIn, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        TimeSpan delay = FirstDelay;
        while (await api.LoginAsync(stopping) is { } error)
        {
            LogFailed(error.Message, delay);
            await Task.Delay(delay, time, stopping);
            delay = 2 * delay < LongestDelay ? 2 * delay : LongestDelay;
        }
        loggedIn();
        await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot log in to Spacelift")]
    private partial void LogFailed(string error, TimeSpan nextTry);
}
