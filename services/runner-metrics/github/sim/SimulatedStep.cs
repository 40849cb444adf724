using System.Globalization;
using System.Text;

namespace CiMetrics.GitHubRunner.Simulator;

/// <summary>What a step prints, in the page and the block that the runner keeps until they are uploaded.</summary>
public sealed class SimulatedStep : IDisposable
{
    private readonly string[] _paths;
    private readonly StreamWriter[] _writers;

    /// <summary>Begins the step.</summary>
    public SimulatedStep(SimulatedRunner runner, bool hasPage = true, bool hasBlock = true)
    {
        ArgumentNullException.ThrowIfNull(runner);
        string id = $"{Guid.NewGuid()}_{Guid.NewGuid()}";
        List<string> paths = [];
        if (hasPage) paths.Add(Path.Combine(runner.Diag, "pages", id + "_1.log"));
        if (hasBlock) paths.Add(Path.Combine(runner.Diag, "blocks", id + ".1"));
        _paths = [.. paths];
        _writers = [.. _paths.Select(path => new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite), Encoding.UTF8))];
    }

    /// <summary>Prints lines.</summary>
    public void Print(params string[] lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        foreach (StreamWriter writer in _writers)
        {
            foreach (string line in lines) writer.WriteLine($"{DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture)} {line}");
        }
    }

    /// <summary>Makes what was printed visible, as the runner does every some thousand bytes.</summary>
    public void Flush()
    {
        foreach (StreamWriter writer in _writers) writer.Flush();
    }

    /// <summary>Removes the files while they are still written to.</summary>
    public void Remove()
    {
        foreach (string path in _paths) File.Delete(path);
    }

    /// <summary>Ends the step: what was printed is written out. The files stay until <see cref="Remove"/>.</summary>
    public void Dispose()
    {
        foreach (StreamWriter writer in _writers) writer.Dispose();
    }
}
