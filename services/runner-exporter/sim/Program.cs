using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CiMetrics.RunnerExporter.Simulator;

string? socket = null;
int builds = 3;
for (int i = 0; i < args.Length; i++)
{
    string value = i + 1 < args.Length ? args[i + 1] : "";
    bool understood = args[i] switch
    {
        "--socket" => (socket = value).Length > 0,
        "--builds" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out builds),
        _ => false,
    };
    if (!understood)
        return Usage($"{args[i]} {value}".Trim() + " is not understood");
    i++;
}

if (socket is null)
    return Usage("--socket is missing");

var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

try
{
    await using var simulator = await DockerSimulator.StartAsync(socket, new SimulatorOptions { Builds = builds });
    Console.WriteLine($"simulated Docker engine listens on unix://{Path.GetFullPath(socket)} with {builds} builds at a time");
    await (builds > 0 ? await Task.WhenAny(stop.Task, simulator.Traffic) : stop.Task);
    return 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
{
    Console.Error.WriteLine($"cannot listen on {socket}: {e.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

static int Usage(string problem)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine("usage: CiMetrics.RunnerExporter.Simulator --socket PATH [--builds N]");
    return 2;
}
