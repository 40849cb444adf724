using System.Runtime.InteropServices;

namespace CiMetrics.Hosting;

/// <summary>
/// SIGHUP: asks to read the configuration again. Taken over in every service: who rotates logs or reloads a unit out of
/// habit must not end one that has nothing to read.
/// </summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly PosixSignalRegistration _registration;

    /// <summary>Takes over the signal until it is disposed.</summary>
    public ReloadSignal() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle);

    /// <summary>Calls for every signal; signals that come meanwhile are one more call.</summary>
    public async Task WatchAsync(Func<CancellationToken, Task> reload, CancellationToken stopping)
    {
        while (true)
        {
            await _asked.WaitAsync(stopping);
            await reload(stopping);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _asked.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_asked)
        {
            if (_asked.CurrentCount == 0)
                _asked.Release();
        }
    }
}
