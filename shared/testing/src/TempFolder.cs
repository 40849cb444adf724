namespace CiMetrics.Testing;

/// <summary>A folder of the test's own, removed with everything in it. Its path is short enough for Unix sockets.</summary>
public sealed class TempFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("cim-").FullName;

    /// <summary>The full path of a name inside.</summary>
    public string PathOf(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a file (with its folders) and returns its full path.</summary>
    public string Write(string name, string text)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            TestContext.Out.WriteLine($"left behind: {Path}: {exception.Message}");
        }
    }
}
