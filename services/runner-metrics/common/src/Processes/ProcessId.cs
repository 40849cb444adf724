using System.Runtime.InteropServices;

namespace CiMetrics.RunnerMetrics.Processes;

/// <summary>One process for certain: a number is used again, a number and a start is not.</summary>
/// <param name="Pid">The number.</param>
/// <param name="StartSeconds">When it began, in seconds after the machine's start, to a hundredth.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ProcessId(int Pid, double StartSeconds);
