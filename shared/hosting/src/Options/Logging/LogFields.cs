using System.Globalization;
using System.Text;
using Serilog.Events;
using Serilog.Parsing;

namespace CiMetrics.Hosting;

/// <summary>What both log formats share: the fields of an event, as names and plain values, in order.</summary>
internal static class LogFields
{
    /// <summary>The instant in UTC, RFC 3339 with milliseconds.</summary>
    public static string Timestamp(LogEvent logEvent) =>
        logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The level in the words of <c>--log.level</c>.</summary>
    public static string Level(LogEvent logEvent) => logEvent.Level switch
    {
        LogEventLevel.Verbose or LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warn",
        _ => "error",
    };

    /// <summary>The message with its values filled in, without the quotes that Serilog puts around texts.</summary>
    public static string Message(LogEvent logEvent)
    {
        var text = new StringBuilder();
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken property && logEvent.Properties.TryGetValue(property.PropertyName, out var value))
                text.Append(Convert.ToString(Plain(value), CultureInfo.InvariantCulture));
            else
                text.Append(token);
        }
        return text.ToString();
    }

    /// <summary>The values of the event by name, and the exception as <c>err</c>.</summary>
    public static IEnumerable<(string Name, object? Value)> Of(LogEvent logEvent)
    {
        foreach (var (name, value) in logEvent.Properties)
        {
            // The number and name of the log method are of no use to who reads the log, and {Message} is the message.
            if (name is not ("EventId" or "Message"))
                yield return (name == "SourceContext" ? "logger" : Key(name), Plain(value));
        }
        if (logEvent.Exception is { } exception)
            yield return ("err", exception.ToString());
    }

    // A text, number, boolean or null: nothing that a format could not write.
    private static object? Plain(LogEventPropertyValue value) => value is not ScalarValue scalar
        ? value.ToString()
        : scalar.Value switch
        {
            null or string or bool or int or long or double => scalar.Value,
            TimeSpan duration => GoDuration.Format(duration),
            DateTimeOffset instant => instant.ToString("O", CultureInfo.InvariantCulture),
            var other => Convert.ToString(other, CultureInfo.InvariantCulture),
        };

    // DockerHost -> docker_host; anything that a key cannot hold -> _.
    private static string Key(string name)
    {
        var key = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsAsciiLetterUpper(name[i]) && i > 0 && !char.IsAsciiLetterUpper(name[i - 1]))
                key.Append('_');
            key.Append(char.IsAsciiLetterOrDigit(name[i]) || name[i] == '.' ? char.ToLowerInvariant(name[i]) : '_');
        }
        return key.ToString();
    }
}
