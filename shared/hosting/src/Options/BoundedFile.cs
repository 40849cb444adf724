using System.Text;

namespace CiMetrics.Hosting;

/// <summary>Reads small text files that the user named; says what is wrong in words for a message.</summary>
internal static class BoundedFile
{
    /// <summary>The text of a file, or null and the rule that the file breaks.</summary>
    /// <param name="path">The file.</param>
    /// <param name="largest">The most bytes that it may have, in KiB.</param>
    /// <param name="rule">The broken rule.</param>
    public static string? Read(string path, int largest, out string? rule)
    {
        rule = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var content = Bytes(file, (largest * 1024) + 1);
            if (content.Length <= largest * 1024)
                return Encoding.UTF8.GetString(content).TrimStart('\ufeff'); // Windows editors begin with it.
            rule = $"must name a file of at most {largest} KiB";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            rule = "must name a readable file: " + Reason(path, exception);
        }
        return null;
    }

    // Files are read again and again to notice changes: the buffer is not larger than it must be. A file that tells no
    // length, or has grown since, is read until it ends.
    private static byte[] Bytes(FileStream file, int most)
    {
        var content = new byte[Math.Min(file.CanSeek ? file.Length + 1 : most, most)];
        var length = 0;
        while (true)
        {
            length += file.ReadAtLeast(content.AsSpan(length), content.Length - length, throwOnEndOfStream: false);
            if (length < content.Length || length == most)
                return content[..length];
            Array.Resize(ref content, Math.Min(content.Length * 2, most));
        }
    }

    private static string Reason(string path, Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "permission denied",
        _ => exception.Message,
    };
}
