namespace CiMetrics.Hosting;

/// <summary>A text that no message, log or page ever shows.</summary>
internal sealed class SecretSetting : Setting<string?>
{
    public SecretSetting(string name, string help)
        : base(name, help, SettingShape.Single, "secret", null) => IsSecret = true;

    /// <inheritdoc/>
    internal override string? DefaultText => null;

    private protected override string? Read(IReadOnlyList<RawValue> values, List<Problem> problems) => values[^1].Text;
}
