namespace CiMetrics.Testing;

/// <summary>A real file system of a few kilobytes, to run full.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _path;

    private SmallDisk(string path) => _path = path;

    /// <summary>Mounts one in the folder; <paramref name="size"/> as mount(8) takes it (<c>64k</c>).</summary>
    public static async Task<SmallDisk> MountAsync(TempFolder folder, string size)
    {
        Requires.Root();
        string path = folder.PathOf("disk");
        Directory.CreateDirectory(path);
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/mount", ["-t", "tmpfs", "-o", "size=" + size, "none", path]);
        Assert.That(exitCode, Is.Zero, output);
        return new SmallDisk(path);
    }

    /// <summary>The full path of a name on it.</summary>
    public string PathOf(params string[] parts) => Path.Combine([_path, .. parts]);

    /// <summary>Takes all the space that is left; the file that does is returned.</summary>
    public string Fill()
    {
        string path = PathOf("filler");
        using FileStream file = File.Create(path);
        byte[] page = new byte[4096];
        try
        {
            for (int written = 0; written < 64 << 20; written += page.Length)
            {
                file.Write(page);
                file.Flush();
            }
            throw new InvalidOperationException("the disk has no end");
        }
        catch (IOException)
        {
            return path;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/umount", [_path]);
        // What is still mounted must not be deleted file by file.
        Assert.That(exitCode, Is.Zero, output);
    }
}
