namespace CiMetrics.Hosting;

/// <summary>One mistake in what the user gave: where, which field, which value, and the rule it breaks.</summary>
/// <param name="Where">The source: a flag, an environment variable or <c>file:line:column</c>.</param>
/// <param name="Rule">What is allowed.</param>
/// <param name="Field">The setting, where the source does not say it already.</param>
/// <param name="Value">The value as given; null when there is none or when it is a secret.</param>
internal sealed record Problem(string Where, string Rule, string? Field = null, string? Value = null)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Where
        + (Field is null ? "" : ": " + Field)
        + ": " + Rule
        + (Value is null ? "" : " (got " + Shown.Quoted(Value) + ")");
}
