using System.Runtime.InteropServices;
using CiMetrics.Receiver.Simulator;

if (args is not [var address] || !Uri.TryCreate(address, UriKind.Absolute, out Uri? receiver))
{
    await Console.Error.WriteLineAsync("usage: URL (the receiver's /steps)");
    return 2;
}

using CancellationTokenSource stop = new();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await new JobSource(receiver).RunAsync(stop.Token);
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
