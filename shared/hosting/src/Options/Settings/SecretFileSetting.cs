namespace CiMetrics.Hosting;

/// <summary>The path of a file that holds a secret: the file is read and stands for the secret itself.</summary>
internal sealed class SecretFileSetting(string name, string help)
    : Setting<string?>(name, help, SettingShape.Single, "file", null)
{
    private const int LargestFile = 64;

    /// <inheritdoc/>
    internal override string? DefaultText => null;

    /// <summary>Reads the path and the file behind it; a final line end is not part of the secret.</summary>
    private protected override string? Read(IReadOnlyList<RawValue> values, List<Problem> problems)
    {
        var raw = values[^1];
        var secret = BoundedFile.Read(raw.Text, LargestFile, out var rule)?.TrimEnd('\r', '\n');
        if (secret?.Length == 0)
            rule = "must name a file that is not empty";
        if (rule is not null)
            problems.Add(new Problem(raw.Where, rule, Value: raw.Text));
        return secret;
    }
}
