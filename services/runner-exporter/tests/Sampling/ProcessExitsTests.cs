using System.Collections.Concurrent;
using System.Diagnostics;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.Testing;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Tests.Sampling;

public sealed class ProcessExitsTests
{
    [Test]
    public async Task Each_of_many_processes_is_told_once_and_a_forgotten_one_never()
    {
        using ProcessExits exits = new();
        ConcurrentQueue<int> told = new();
        List<Process> processes = [.. Enumerable.Range(0, 20).Select(_ => Process.Start("/bin/sleep", "600"))];
        List<SafeFileHandle> handles = [.. processes.Select(process => ProcessHandle.Open(process.Id)!)];
        for (int i = 0; i < processes.Count; i++)
        {
            int number = i;
            exits.Watch(handles[i], () => told.Enqueue(number));
        }

        exits.Forget(handles[0]);
        exits.Forget(handles[0]);
        foreach (Process process in processes) process.Kill();
        await Eventually.GetAsync(() => Task.FromResult(told.Count == 19 ? told : null), "the ends to be told");
        foreach (Process process in processes) process.Dispose();
        Assert.That(told, Is.EquivalentTo(Enumerable.Range(1, 19)));
        Assert.That(handles, Has.All.Matches<SafeFileHandle>(handle => handle!.IsClosed));
    }

    [Test]
    public void There_is_no_handle_of_a_process_that_does_not_exist() => Assert.That(ProcessHandle.Open(int.MaxValue), Is.Null);
}
