using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>
/// Calls back within a fraction of a millisecond of a process's end. One thread waits for all processes: the thread
/// pool may be busy at the very moment, and the figures are gone some milliseconds later.
/// </summary>
internal sealed class ProcessExits : IDisposable
{
    /// <summary>What the watching thread is called; the kernel keeps 15 letters.</summary>
    public const string ThreadName = "process exits";

    private const short Readable = 1;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Interrupted = 4;

    private readonly Lock _change = new();
    private readonly Dictionary<SafeFileHandle, Action> _watched = [];
    private readonly SafeFileHandle _wake;
    private Thread? _thread;
    private bool _disposed;

    public ProcessExits()
    {
        _wake = new SafeFileHandle(EventFile(0, CloseOnExec | NonBlocking), ownsHandle: true);
        if (_wake.IsInvalid) throw new IOException("eventfd: " + Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Calls once, on the watching thread, when the process ends. Takes the handle over.</summary>
    public void Watch(SafeFileHandle process, Action ended)
    {
        lock (_change)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _watched.Add(process, ended);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = ThreadName };
                _thread.Start();
            }

            Wake();
        }
    }

    /// <summary>Watches the process no longer and closes its handle.</summary>
    public void Forget(SafeFileHandle process)
    {
        lock (_change)
        {
            if (!_watched.Remove(process)) return;
            process.Dispose();
            // The thread polls the number of what is now closed: it must look again.
            Wake();
        }
    }

    /// <summary>Ends the thread and waits for its end. Not to be called from a callback.</summary>
    public void Dispose()
    {
        lock (_change)
        {
            if (_disposed) return;
            _disposed = true;
            foreach (SafeFileHandle process in _watched.Keys) process.Dispose();
            _watched.Clear();
            Wake();
        }

        _thread?.Join();
        _wake.Dispose();
    }

    private void Wake()
    {
        byte[] one = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(one, 1);
        _ = Write(_wake, one, one.Length);
    }

    private void Run()
    {
        while (true)
        {
            SafeFileHandle[] processes;
            lock (_change)
            {
                if (_disposed) return;
                processes = [.. _watched.Keys];
            }

            PollEntry[] entries = Entries(processes);
            if (Poll(entries, (nuint)entries.Length, -1) < 0)
            {
                if (Marshal.GetLastPInvokeError() == Interrupted) continue;
                throw new IOException("poll: " + Marshal.GetLastPInvokeErrorMessage());
            }

            if (entries[0].Happened != 0) _ = Read(_wake, new byte[8], 8);
            for (int i = 0; i < processes.Length; i++)
            {
                if (entries[i + 1].Happened != 0) End(processes[i]);
            }
        }
    }

    private PollEntry[] Entries(SafeFileHandle[] processes)
    {
        PollEntry[] entries = new PollEntry[processes.Length + 1];
        entries[0] = new() { Descriptor = (int)_wake.DangerousGetHandle(), Wanted = Readable };
        for (int i = 0; i < processes.Length; i++)
            entries[i + 1] = new() { Descriptor = processes[i].IsClosed ? -1 : (int)processes[i].DangerousGetHandle(), Wanted = Readable };
        return entries;
    }

    private void End(SafeFileHandle process)
    {
        Action? ended;
        lock (_change)
        {
            if (!_watched.TryGetValue(process, out ended) || !HasEnded(process)) return;
            _watched.Remove(process);
            process.Dispose();
        }

        ended();
    }

    /// <summary>Asked again under the lock: the number that was polled may have been another file's meanwhile.</summary>
    private static bool HasEnded(SafeFileHandle process)
    {
        PollEntry[] entry = [new() { Descriptor = (int)process.DangerousGetHandle(), Wanted = Readable }];
        return Poll(entry, 1, 0) > 0;
    }

    [DllImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EventFile(uint value, int flags);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Poll([In, Out] PollEntry[] entries, nuint count, int milliseconds);

    [DllImport("libc", EntryPoint = "read")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Read(SafeFileHandle file, byte[] buffer, nint length);

    [DllImport("libc", EntryPoint = "write")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Write(SafeFileHandle file, byte[] buffer, nint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }
}
