namespace CiMetrics.AlloyRunner.Reading;

/// <summary>How the fields of a line are written.</summary>
internal enum FieldSyntax
{
    /// <summary><c>key=value</c>, sorted by key, values unquoted and with blanks: the runner's own text.</summary>
    Plain,

    /// <summary><c>key=value</c>, values quoted where they need it: logrus's text.</summary>
    Quoted,

    /// <summary>The members of a JSON object.</summary>
    Json,
}

/// <summary>One line of the runner's log as its format has it, over the bytes of the line: nothing is copied.</summary>
internal readonly ref struct LogEntry
{
    /// <summary>How serious it is.</summary>
    public LineLevel Level { get; init; }

    /// <summary>What it says, up to the padding before the fields.</summary>
    public ReadOnlySpan<byte> Message { get; init; }

    /// <summary>The bytes that the fields are in.</summary>
    public ReadOnlySpan<byte> Fields { get; init; }

    /// <summary>How they are written.</summary>
    public FieldSyntax Syntax { get; init; }

    /// <summary>When it was written; null where the format does not say.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Finds the value of a field.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => Syntax switch
    {
        FieldSyntax.Plain => PlainFields.TryGet(Fields, key, out value),
        FieldSyntax.Quoted => QuotedFields.TryGet(Fields, key, out value),
        _ => JsonFields.TryGet(Fields, key, out value),
    };
}
