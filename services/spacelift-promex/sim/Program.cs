using System.Globalization;
using System.Runtime.InteropServices;
using CiMetrics.Spacelift.Simulator;

if (args is not ["--port", var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > 65535)
{
    await Console.Error.WriteLineAsync("usage: --port PORT");
    return 2;
}

TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
await using FakeSpacelift api = await FakeSpacelift.StartAsync(port);
api.Secret = "simulated";
Console.WriteLine($"simulated Spacelift API listens on {api.Url}");
await new LivingAccount(api).RunAsync(stop.Task);
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}
