namespace CiMetrics.Receiver.Events;

/// <summary>One event as it was sent: texts that nobody has checked yet.</summary>
/// <param name="path">Where it stands in the body (<c>[3]</c>), empty where there is only one.</param>
internal sealed class RawEvent(string path = "")
{
    private const int MostUnknown = 4;

    private readonly string?[] _values = new string?[EventFields.Count];
    private List<string>? _unknown;

    /// <summary>The text of a field; null where it was not sent.</summary>
    public string? this[EventField field] => _values[(int)field];

    /// <summary>Names that are none of the fields, a few of them.</summary>
    public IReadOnlyList<string> Unknown => _unknown ?? [];

    /// <summary>The field as an answer names it.</summary>
    public string PathOf(string field) => path.Length == 0 ? field : $"{path}.{field}";

    /// <summary>What stands in its place and is none.</summary>
    public Refusal NoObject(string value) =>
        path.Length == 0 ? Refusal.Body("must be an object or an array of objects") : Refusal.Bad(path, value, "must be an object");

    /// <summary>Sets a field; gives what is wrong with that.</summary>
    public Refusal? Set(string name, string? value)
    {
        if (EventFields.Find(name) is not { } field)
        {
            if ((_unknown ??= []).Count < MostUnknown) _unknown.Add(name);
            return null;
        }

        if (_values[(int)field] is { } first) return Refusal.Bad(PathOf(name), value ?? "null", $"must not be given twice (it was \"{Shown.Short(first)}\" before)");
        _values[(int)field] = value;
        return null;
    }
}
