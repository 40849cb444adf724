using System.Diagnostics;

namespace CiMetrics.Testing;

/// <summary>Waits for something that another process does. The limits are generous: machines are shared.</summary>
public static class Eventually
{
    /// <summary>How long a wait lasts unless told otherwise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the answer is true; fails with what was waited for.</summary>
    public static Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null) =>
        GetAsync(async () => await condition() ? "yes" : null, what, patience);

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string, TimeSpan?)"/>
    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? patience = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, patience);

    /// <summary>Asks until the answer is not null and returns it. Connection errors count as "not yet".</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> ask, string what, TimeSpan? patience = null)
        where T : class
    {
        TimeSpan limit = patience ?? Patience;
        Stopwatch watch = Stopwatch.StartNew();
        string last = "no answer yet";
        while (watch.Elapsed < limit)
        {
            try
            {
                if (await ask() is { } answer) return answer;
                last = "the answer was no";
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
            {
                last = exception.Message;
            }

            await Task.Delay(25);
        }

        throw new AssertionException($"waited {limit.TotalSeconds:0} s for: {what} ({last})");
    }
}
