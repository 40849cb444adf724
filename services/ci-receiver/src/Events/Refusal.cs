namespace CiMetrics.Receiver.Events;

/// <summary>Why a request counts nothing at all: the answer (RFC 9457) and its status.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong, in a sentence.</param>
/// <param name="Field">The field that is meant, as <c>name</c> or <c>[3].name</c>, or <c>body</c> for all of it; null where it is the request as a whole.</param>
/// <param name="Value">Its value, cut short.</param>
/// <param name="Rule">The rule that it breaks ("must ...").</param>
internal sealed record Refusal(int Status, string Detail, string? Field = null, string? Value = null, string? Rule = null)
{
    private const string WholeBody = "body";

    /// <summary>After how many seconds to try again; null: never in this form.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>A field that breaks a rule.</summary>
    public static Refusal Bad(string field, string value, string rule)
    {
        string shown = Shown.Short(value);
        return new Refusal(400, $"{field} {rule}; it is \"{shown}\"", field, shown, rule);
    }

    /// <summary>A field that is not there.</summary>
    public static Refusal Missing(string field) => new(400, $"{field} must be given", field, null, "must be given");

    /// <summary>A body that cannot be read.</summary>
    public static Refusal Body(string rule) => new(400, $"the body {rule}", WholeBody, Rule: rule);

    /// <summary>A body beyond a limit.</summary>
    public static Refusal TooLarge(string rule) => new(413, $"the body {rule}", WholeBody, Rule: rule);
}
