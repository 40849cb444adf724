namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>One deadline for all that a transaction does: connect, statements, commit or rollback, giving the connection back.</summary>
internal static class PostgresDeadline
{
    // What a server that is only slow has to notice that it was cancelled.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs it. A server that hangs does not answer a cancellation either: then the transaction is left behind, to end
    /// when the server goes on or the connection breaks, and whether it is stored nobody knows. So it must not share
    /// with anybody what it changes.
    /// </summary>
    /// <param name="transaction">What to do; its token is cancelled at the deadline.</param>
    /// <param name="most">How long it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Ends the wait.</param>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> transaction, TimeSpan most, TimeProvider time, CancellationToken stopping)
    {
        CancellationTokenSource deadline = new(most, time);
        Task<T> running = Task.Run(() => transaction(deadline.Token), CancellationToken.None);
        try
        {
            // Npgsql asks the server to cancel, and waits for that, on the thread that cancels: not on the one that stops the service.
            await using CancellationTokenRegistration stop = stopping.UnsafeRegister(static source => _ = ((CancellationTokenSource)source!).CancelAsync(), deadline);
            return await running.WaitAsync(most + Grace, time, stopping);
        }
        catch (Exception exception) when (IsLate(exception, deadline) && !stopping.IsCancellationRequested)
        {
            throw new TimeoutException($"the database did not answer within {most.TotalSeconds:0.#} s", exception);
        }
        finally
        {
            _ = running.ContinueWith(
                static (ended, source) =>
                {
                    // Whoever waited was told already.
                    _ = ended.Exception;
                    ((CancellationTokenSource)source!).Dispose();
                },
                deadline,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private static bool IsLate(Exception exception, CancellationTokenSource deadline) =>
        exception is OperationCanceledException or TimeoutException && deadline.IsCancellationRequested;
}
