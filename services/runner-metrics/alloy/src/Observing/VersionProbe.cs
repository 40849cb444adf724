using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using CiMetrics.Durable;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>
/// Asks the runner's program for its version, once for each process. The program is run with our rights, so that only one
/// is run that nobody but root or we ourselves could have put there.
/// </summary>
internal sealed class VersionProbe(ProcFolder proc, IReadOnlyList<string> names)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private const int LongestAnswer = 8192;

    /// <summary>The version; null, with the reason, where it cannot be asked for.</summary>
    public async Task<(RunnerVersion? Version, string? Problem)> AskAsync(int pid, CancellationToken cancellationToken)
    {
        if (Program(pid) is not { } name) return (null, "its program is not ours to see");
        using SafeFileHandle program = OpenToRun(name);
        if (program.IsInvalid) return (null, "its program is not there any more");
        if (Distrust(program) is { } reason) return (null, reason);
        // What was looked at, whatever the name stands for by now. A script's interpreter opens it once more.
        ProcessStartInfo start = new($"/proc/{Environment.ProcessId}/fd/{program.DangerousGetHandle()}", ["--version"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        Process? process = null;
        try
        {
            process = Process.Start(start);
            if (process is null) return (null, "its program did not start");
            process.StandardInput.Close();
            char[] answer = new char[LongestAnswer];
            int length = await process.StandardOutput.ReadBlockAsync(answer, limit.Token);
            return RunnerVersion.Parse(Path.GetFileName(name), new string(answer, 0, length)) is { } version
                ? (version, null)
                : (null, "its program does not answer --version as this family does");
        }
        catch (Win32Exception exception)
        {
            return (null, "its program cannot be run: " + exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, "its program did not answer --version in time");
        }
        finally
        {
            if (process is { HasExited: false }) process.Kill(entireProcessTree: true);
            process?.Dispose();
        }
    }

    private string? Program(int pid)
    {
        if (proc.Executable(pid) is { } path && names.Contains(Path.GetFileName(path), StringComparer.Ordinal)) return path;
        // A script's executable is its interpreter.
        return proc.CommandLine(pid).Take(2).FirstOrDefault(word => word.StartsWith('/') && names.Contains(Path.GetFileName(word), StringComparer.Ordinal));
    }

    private static string? Distrust(SafeFileHandle program)
    {
        try
        {
            if (FileIdentity.Of(program) is not { Kind: FileKind.File } file) return "its program is not there any more";
            return (file.Owner != 0 && file.Owner != GetEffectiveUserId()) || (File.GetUnixFileMode(program) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != UnixFileMode.None
                ? "its program could have been changed by others than root, and is not run"
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    // Neither reads it nor waits, whatever it is: O_PATH.
    private static SafeFileHandle OpenToRun(string path) => new(Open(path, 0x200000 | 0x80000), ownsHandle: true);

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUserId();
}
