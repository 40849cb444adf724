namespace CiMetrics.Hosting;

/// <summary>Waits for a token.</summary>
internal static class Waiting
{
    /// <summary>Ends, without an exception, when the token is cancelled.</summary>
    public static async Task WhenCancelled(this CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task;
    }
}
