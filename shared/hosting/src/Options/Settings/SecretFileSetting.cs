using System.Text;

namespace CiMetrics.Hosting;

/// <summary>The path of a file that holds a secret: the file is read and stands for the secret itself.</summary>
internal sealed class SecretFileSetting(string name, string help)
    : Setting<string?>(name, help, SettingShape.Single, "file", null)
{
    private const int LargestFile = 64 * 1024;

    /// <inheritdoc/>
    internal override string? DefaultText => null;

    /// <summary>Reads the path and the file behind it; a final line end is not part of the secret.</summary>
    private protected override string? Read(IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var raw = values[^1];
        try
        {
            using var file = File.OpenRead(raw.Text);
            var buffer = new byte[LargestFile + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length > LargestFile)
                problems.Add(new Problem(raw.Where, "must name a file of at most 64 KiB", Value: raw.Text));
            else if (Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\r', '\n') is { Length: > 0 } secret)
                return secret;
            else
                problems.Add(new Problem(raw.Where, "must name a file that is not empty", Value: raw.Text));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add(new Problem(raw.Where, "must name a readable file: " + exception.Message, Value: raw.Text));
        }
        return null;
    }
}
