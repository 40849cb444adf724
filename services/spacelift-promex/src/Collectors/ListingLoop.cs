using CiMetrics.Spacelift.Api;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift.Collectors;

/// <summary>Reads a listing again and again, sooner after a failure.</summary>
internal sealed partial class ListingLoop(
    IListing query, SpaceliftApi api, TimeSpan interval, Action updated, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(2);

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        TimeSpan delay = FirstDelay;
        ApiError? told = null;
        while (!stopping.IsCancellationRequested)
        {
            await query.FetchAsync(api, time, stopping);
            updated();
            ApiError? error = query.State.Error;
            if (error is not null && error != told) LogFailed(query.State.Name, error.Message, !query.State.IsSupported);
            else if (error is null && told is not null) LogWorks(query.State.Name);
            told = error;
            bool soon = error is not null && query.State.IsSupported;
            await Task.Delay(soon && delay < interval ? delay : interval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Not beyond the interval: doubled without end it would overflow within hours.
            delay = !soon ? FirstDelay : delay < interval ? 2 * delay : delay;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A listing could not be read; what was read before stays")]
    private partial void LogFailed(string collector, string error, bool unsupported);

    [LoggerMessage(Level = LogLevel.Information, Message = "A listing can be read again")]
    private partial void LogWorks(string collector);
}
