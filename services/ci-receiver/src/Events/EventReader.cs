using CiMetrics.Receiver.Naming;

namespace CiMetrics.Receiver.Events;

/// <summary>Makes an event of what was sent, or says which field breaks which rule.</summary>
internal static class EventReader
{
    private const int LongestText = 2048;

    /// <summary>Reads an event.</summary>
    /// <param name="raw">What was sent.</param>
    /// <param name="headerKey">The key that came in a header, for events that have none themselves.</param>
    /// <param name="received">When it came: the end of a job whose sender does not tell it.</param>
    /// <param name="refusal">What is wrong, where null is returned.</param>
    public static JobEvent? Read(RawEvent raw, string? headerKey, DateTimeOffset received, out Refusal? refusal)
    {
        List<Warning> warnings = [];
        (string name, string project, string status) = ("", "", "");
        refusal = Required(raw, EventField.Name, FieldRule.LongestName, ref name)
            ?? Required(raw, EventField.Project, FieldRule.LongestProject, ref project)
            ?? Required(raw, EventField.Status, LongestText, ref status)
            ?? Length(raw, EventField.Started)
            ?? Length(raw, EventField.Finished)
            ?? Length(raw, EventField.Ref)
            ?? Length(raw, EventField.Url);
        if (refusal is not null) return null;
        refusal = ReadKey(raw, headerKey, warnings, out EventKey? key);
        if (refusal is not null) return null;
        foreach (string unknown in raw.Unknown)
            warnings.Add(new Warning(WarningReason.UnknownField, $"{Shown.Short(unknown)}: there is no such field; it was ignored"));
        return new JobEvent(
            ReadName(name, warnings),
            IsUnexpanded(EventField.Project, project, warnings) ? "unknown" : project,
            ReadStatus(status, warnings),
            EventDuration.Read(raw, received, warnings),
            key,
            warnings);
    }

    /// <summary>Whether a variable's name stands where its value should be; says so to the sender.</summary>
    public static bool IsUnexpanded(EventField field, string value, List<Warning> warnings)
    {
        if (Unexpanded.VariableIn(value) is not { } variable) return false;
        string name = EventFields.NameOf(field);
        string advice = value.StartsWith('$')
            ? $"the variable {variable} was not expanded"
            : $"the $ before {variable} is missing";
        warnings.Add(new Warning(WarningReason.Unexpanded, $"{name}: \"{Shown.Short(value)}\" is the name of a variable, not its value: {advice}") { Unexpanded = field });
        return true;
    }

    private static Refusal? Required(RawEvent raw, EventField field, int longest, ref string value)
    {
        string path = raw.PathOf(EventFields.NameOf(field));
        value = raw[field]?.Trim() ?? "";
        if (raw[field] is null) return Refusal.Missing(path);
        if (value.Length == 0) return Refusal.Bad(path, value, "must not be empty");
        return Check(path, value, longest);
    }

    private static Refusal? Length(RawEvent raw, EventField field) =>
        raw[field] is { } value ? Check(raw.PathOf(EventFields.NameOf(field)), value, LongestText) : null;

    private static Refusal? Check(string path, string value, int longest) =>
        FieldRule.BrokenBy(value, longest) is { } rule ? Refusal.Bad(path, value, rule) : null;

    private static Refusal? ReadKey(RawEvent raw, string? headerKey, List<Warning> warnings, out EventKey? key)
    {
        string? text = raw[EventField.Id] is { Length: > 0 } id ? id : headerKey;
        key = null;
        if (text is null)
        {
            if (raw[EventField.Id] is not null)
                warnings.Add(new Warning(WarningReason.KeyEmpty, "id: is empty, so the job has no key and counts each time that it is sent"));
            return null;
        }
        if (Check(raw.PathOf("id"), text, EventKey.LongestText) is { } refusal) return refusal;
        // Every job would have this key: all but the first would be taken for repetitions.
        if (!IsUnexpanded(EventField.Id, text, warnings)) key = EventKey.Of(text);
        return null;
    }

    private static JobName ReadName(string raw, List<Warning> warnings)
    {
        if (IsUnexpanded(EventField.Name, raw, warnings)) return new JobName(JobName.Unknown, JobName.Unknown);
        JobName name = JobName.Of(raw);
        if (name.Change == NameChange.Reserved)
            warnings.Add(new Warning(WarningReason.NameReserved, $"name: \"{Shown.Short(raw)}\" ends like a series that Prometheus derives; it is counted as {name.Value}"));
        if (name.Change == NameChange.Shortened)
            warnings.Add(new Warning(WarningReason.NameShortened, $"name: \"{Shown.Short(raw)}\" is too long for a metric; it is counted as {name.Value}"));
        if (name.Change == NameChange.Replaced)
            warnings.Add(new Warning(WarningReason.NameReplaced, $"name: \"{Shown.Short(raw)}\" has no letter or digit that a metric's name can have; it is counted as {name.Value}"));
        return name;
    }

    private static string ReadStatus(string raw, List<Warning> warnings)
    {
        if (IsUnexpanded(EventField.Status, raw, warnings)) return JobStatus.Unknown;
        if (JobStatus.Find(raw) is { } status) return status;
        warnings.Add(new Warning(WarningReason.StatusUnknown, $"status: \"{Shown.Short(raw)}\" is none of {string.Join(", ", JobStatus.All)}; it is counted as {JobStatus.Other}"));
        return JobStatus.Other;
    }
}
