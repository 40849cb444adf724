namespace CiMetrics.Hosting;

/// <summary>The path of a file that holds a secret: the file is read and stands for the secret itself.</summary>
internal sealed class SecretFileSetting(string name, string help)
    : Setting<string?>(name, help, SettingShape.Single, "file", null)
{
    /// <summary>The most that a file may have, in KiB.</summary>
    public const int LargestFile = 64;

    private RawValue _given;

    /// <summary>The path of the file; null when none was given.</summary>
    public string? Path => Source == SettingSource.Default ? null : _given.Text;

    /// <inheritdoc/>
    internal override string? DefaultText => null;

    /// <summary>Reads the file again, without effect; null after a mistake.</summary>
    public string? ReadAgain(List<Problem> problems) => Secret(_given, problems);

    /// <summary>Puts another secret in force.</summary>
    public void Use(string secret) => Replace(secret);

    /// <summary>Reads the path and the file behind it; a final line end is not part of the secret.</summary>
    private protected override string? Read(IReadOnlyList<RawValue> values, List<Problem> problems) =>
        Secret(_given = values[^1], problems);

    private static string? Secret(RawValue raw, List<Problem> problems)
    {
        var secret = BoundedFile.Read(raw.Text, LargestFile, out var rule)?.TrimEnd('\r', '\n');
        if (secret?.Length == 0)
            rule = "must name a file that is not empty";
        if (rule is null)
            return secret;
        problems.Add(new Problem(raw.Where, rule, Value: raw.Text));
        return null;
    }
}
