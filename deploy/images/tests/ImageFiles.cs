using System.Formats.Tar;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>A file or folder in an image; <paramref name="Path"/> has no slash in front.</summary>
public sealed record ImageFile(string Path, bool IsFile, bool IsExecutable, int Owner, long Length);

/// <summary>What is in an image.</summary>
internal static class ImageFiles
{
    /// <summary>All files and folders, as an export of a container has them.</summary>
    public static async Task<IReadOnlyList<ImageFile>> OfAsync(string image)
    {
        using TempFolder folder = new();
        string container = (await Workshop.Engine.DockerAsync("create", image, "/never-run")).Split('\n')[^1];
        await Workshop.Engine.DockerAsync("export", "-o", folder.PathOf("files.tar"), container);
        List<ImageFile> files = [];
        await using FileStream stream = File.OpenRead(folder.PathOf("files.tar"));
        await using TarReader reader = new(stream);
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            files.Add(new ImageFile(
                entry.Name.TrimStart('.').Trim('/'), entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile,
                entry.Mode.HasFlag(UnixFileMode.OtherExecute), entry.Uid, entry.Length));
        }
        return files;
    }
}
