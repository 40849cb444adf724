using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CiMetrics.Sidecar.Spooling;

/// <summary>How an event lies in the spool: a line with its key and time, then its body as it is sent.</summary>
internal static class SpoolFile
{
    /// <summary>The content of the file.</summary>
    public static byte[] Write(SpooledEvent spooled)
    {
        // As a JSON string: a key from a job may hold any character.
        string line = $"{spooled.Since.UtcTicks} \"{JsonEncodedText.Encode(spooled.Key)}\"\n";
        return [.. Encoding.UTF8.GetBytes(line), .. spooled.Body];
    }

    /// <summary>Reads a file back; null where it is none of ours.</summary>
    public static SpooledEvent? Read(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        int end = content.AsSpan().IndexOf((byte)'\n');
        if (end < 0) return null;
        string[] parts = Encoding.UTF8.GetString(content, 0, end).Split(' ', 2);
        if (parts.Length < 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
            || ticks > DateTimeOffset.MaxValue.UtcTicks) return null;
        try
        {
            using JsonDocument key = JsonDocument.Parse(parts[1]);
            return new SpooledEvent(key.RootElement.GetString() ?? "", content[(end + 1)..], new DateTimeOffset(ticks, TimeSpan.Zero), Path.GetFileName(path));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
