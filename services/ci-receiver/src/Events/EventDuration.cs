namespace CiMetrics.Receiver.Events;

/// <summary>How long a job took: from <c>started</c> to <c>finished</c>, or to its receipt.</summary>
internal static class EventDuration
{
    // Longer than any CI system lets a job run; what is beyond comes of a clock or a date that is wrong.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    /// <summary>The duration in seconds; null, and a warning, where it cannot be told.</summary>
    public static double? Read(RawEvent raw, DateTimeOffset received, List<Warning> warnings)
    {
        if (raw[EventField.Started] is not { } started || string.IsNullOrWhiteSpace(started))
        {
            warnings.Add(new Warning(WarningReason.StartedMissing, "started: it is not given; the event is counted, its duration is not"));
            return null;
        }

        if (Time(EventField.Started, started.Trim(), WarningReason.StartedMalformed, warnings) is not { } start) return null;
        DateTimeOffset end = received;
        if (raw[EventField.Finished] is { } finished && !string.IsNullOrWhiteSpace(finished))
        {
            if (Time(EventField.Finished, finished.Trim(), WarningReason.FinishedMalformed, warnings) is not { } told) return null;
            end = told;
        }

        return Between(start, end, warnings);
    }

    private static double? Between(DateTimeOffset start, DateTimeOffset end, List<Warning> warnings)
    {
        TimeSpan duration = end - start;
        if (duration > Longest)
        {
            warnings.Add(new Warning(WarningReason.DurationImplausible, $"started: the job would have taken more than {Longest.Days} days; the event is counted, its duration is not"));
            return null;
        }

        if (duration >= TimeSpan.Zero) return duration.TotalSeconds;
        warnings.Add(new Warning(WarningReason.DurationNegative, $"started: it is {-duration.TotalSeconds:0.###} seconds after the end, so clocks differ; a duration of 0 is recorded"));
        return 0;
    }

    private static DateTimeOffset? Time(EventField field, string text, WarningReason reason, List<Warning> warnings)
    {
        if (EventReader.IsUnexpanded(field, text, warnings)) return null;
        if (Rfc3339.TryParse(text, out DateTimeOffset time)) return time;
        warnings.Add(new Warning(
            reason,
            $"{EventFields.NameOf(field)}: \"{Shown.Short(text)}\" is not a time such as 2023-05-23T13:01:00Z (RFC 3339); the event is counted, its duration is not"));
        return null;
    }
}
