using System.Globalization;
using System.Text;
using Serilog.Events;
using Serilog.Formatting;

namespace CiMetrics.Hosting;

/// <summary>Writes one line <c>ts=... level=info msg="..." key=value</c> per event, whatever the values hold.</summary>
internal sealed class LogfmtFormatter : ITextFormatter
{
    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        var line = new StringBuilder("ts=").Append(LogFields.Timestamp(logEvent))
            .Append(" level=").Append(LogFields.Level(logEvent))
            .Append(" msg=");
        AppendQuoted(line, LogFields.Message(logEvent));
        foreach (var (name, value) in LogFields.Of(logEvent))
        {
            line.Append(' ').Append(name).Append('=');
            AppendValue(line, Convert.ToString(value ?? "null", CultureInfo.InvariantCulture)!);
        }
        output.Write(line.Append('\n').ToString());
    }

    private static void AppendValue(StringBuilder line, string value)
    {
        var bare = value.Length > 0;
        foreach (var c in value)
            bare &= c is > ' ' and < '\x7f' and not ('"' or '=' or '\\');
        if (bare)
            line.Append(value);
        else
            AppendQuoted(line, value);
    }

    private static void AppendQuoted(StringBuilder line, string value)
    {
        line.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => line.Append("\\\""),
                '\\' => line.Append("\\\\"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                < ' ' or (>= 0x7f and <= 0x9f) or 0x2028 or 0x2029 =>
                    line.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture)),
                _ => line.Append(rune.ToString()),
            };
        }
        line.Append('"');
    }
}
