using System.Diagnostics.CodeAnalysis;

namespace CiMetrics.AlloyRunner.Toml;

/// <summary>
/// A table of a TOML text. Values are <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>,
/// <see cref="TomlTime"/>, <see cref="TomlArray"/> and <see cref="TomlTable"/>.
/// </summary>
internal sealed class TomlTable
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>The keys and values, in the order of the text.</summary>
    public IEnumerable<KeyValuePair<string, object>> Entries => _values;

    /// <summary>How it came to be, which decides what may be added to it.</summary>
    internal TomlOrigin Origin { get; set; }

    /// <summary>The value of a key of this type; the default where it is absent or of another type.</summary>
    public T? Get<T>(string key) => _values.GetValueOrDefault(key) is T value ? value : default;

    /// <summary>The tables of an array of tables; none where it is absent or something else.</summary>
    public IEnumerable<TomlTable> Tables(string key) => Get<TomlArray>(key)?.Items.OfType<TomlTable>() ?? [];

    internal bool TryGet(string key, [NotNullWhen(true)] out object? value) => _values.TryGetValue(key, out value);

    internal bool TryAdd(string key, object value) => _values.TryAdd(key, value);
}

/// <summary>How a table came to be.</summary>
internal enum TomlOrigin
{
    /// <summary>Only tables below it were named; a header may still define it.</summary>
    Implied,

    /// <summary>A header defined it.</summary>
    Header,

    /// <summary>Dotted keys made it: only dotted keys of the same table add to it.</summary>
    DottedKey,

    /// <summary>It was written in braces: whole, nothing may be added.</summary>
    Inline,
}

/// <summary>An array: written in brackets, or one of tables, which further headers add to.</summary>
internal sealed class TomlArray
{
    /// <summary>The items.</summary>
    public List<object> Items { get; } = [];

    /// <summary>Whether headers in double brackets made it.</summary>
    public bool IsOfTables { get; init; }
}

/// <summary>What a date or time says.</summary>
internal enum TomlTimeKind
{
    /// <summary>A moment.</summary>
    OffsetDateTime,

    /// <summary>Date and time without a time zone.</summary>
    LocalDateTime,

    /// <summary>A day.</summary>
    LocalDate,

    /// <summary>A time of day.</summary>
    LocalTime,
}

/// <summary>A date, a time or both.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Date">The day; of a time alone the first day of the calendar.</param>
/// <param name="Time">The time of day, to 100 ns; further digits are cut, as the format allows.</param>
/// <param name="Offset">The distance from UTC, of a moment only.</param>
internal sealed record TomlTime(TomlTimeKind Kind, DateOnly Date, TimeOnly Time, TimeSpan Offset);
