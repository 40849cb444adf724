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
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[(largest * 1024) + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length < buffer.Length)
                return Encoding.UTF8.GetString(buffer, 0, length).TrimStart('\ufeff'); // Windows editors begin with it.
            rule = $"must name a file of at most {largest} KiB";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            rule = "must name a readable file: " + Reason(path, exception);
        }
        return null;
    }

    private static string Reason(string path, Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "permission denied",
        _ => exception.Message,
    };
}
