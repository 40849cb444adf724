namespace CiMetrics.Sidecar.Bench;

/// <summary>A folder of the run's own.</summary>
internal sealed class DisposableFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("bench-").FullName;

    public string PathOf(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
