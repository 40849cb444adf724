namespace CiMetrics.Receiver.Events;

/// <summary>Why an event was not counted quite as it was sent. Label values of <c>receiver_warnings_total</c>.</summary>
internal enum WarningReason
{
    StartedMissing,
    StartedMalformed,
    FinishedMalformed,
    DurationNegative,
    DurationImplausible,
    Unexpanded,
    StatusUnknown,
    NameReserved,
    NameShortened,
    NameReplaced,
    NameCollision,
    LimitReached,
    UnknownField,
    KeyEmpty,
}

/// <summary>What a sender should know about an event that was counted nevertheless.</summary>
/// <param name="Reason">The kind.</param>
/// <param name="Text">The sentence for the answer; it begins with the field.</param>
internal sealed record Warning(WarningReason Reason, string Text)
{
    /// <summary>The field that held a variable's name; null for other reasons.</summary>
    public EventField? Unexpanded { get; init; }
}
