namespace CiMetrics.Receiver.Events;

/// <summary>What an event is made of, as senders name it.</summary>
internal enum EventField
{
    Id,
    Started,
    Finished,
    Status,
    Project,
    Name,
    Ref,
    Url,
}

/// <summary>The names of the fields in queries, forms and JSON.</summary>
internal static class EventFields
{
    private static readonly string[] Names = ["id", "started", "finished", "status", "project", "name", "ref", "url"];

    /// <summary>How many there are.</summary>
    public static int Count => Names.Length;

    /// <summary>The name of a field.</summary>
    public static string NameOf(EventField field) => Names[(int)field];

    /// <summary>The field of a name; null where there is none. Names are lower case.</summary>
    public static EventField? Find(string name) => Array.IndexOf(Names, name) is var index and >= 0 ? (EventField)index : null;
}
