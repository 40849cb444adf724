using System.Buffers;
using System.Text;

namespace CiMetrics.Receiver.Naming;

/// <summary>A job's name as metrics carry it, <c>ci_NAME_total</c> and <c>ci_NAME_duration</c>.</summary>
/// <param name="Value">Lower case letters, digits and single underscores, 1 to 128 of them.</param>
/// <param name="Original">The name that it was made of, without what tells parallel jobs of one name apart, and as <see cref="OriginalName"/> keeps it.</param>
internal readonly record struct JobName(string Value, string Original)
{
    /// <summary>The name of what is beyond the caps.</summary>
    public const string Other = "other";

    /// <summary>The name of jobs whose name is a variable that was not expanded.</summary>
    public const string Unknown = "unknown";

    private const int Longest = 128;
    private const int HashLength = 8;

    private static readonly SearchValues<char> Kept = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    // Names of the series that Prometheus derives from families, and of the histogram beside the counter.
    private static readonly string[] ReservedSuffixes = ["_total", "_bucket", "_count", "_sum", "_created", "_info", "_duration"];

    /// <summary>What was done to make a metric's name of it, besides the usual.</summary>
    public NameChange Change { get; private init; }

    /// <summary>Makes a metric's name of any name that is not empty.</summary>
    public static JobName Of(string raw)
    {
        string original = JobVariant.Strip(raw);
        string value = Clean(original);
        if (value.Length == 0) return new JobName("job_" + OriginalName.Hash(original, HashLength), OriginalName.Of(original)) { Change = NameChange.Replaced };
        NameChange change = NameChange.None;
        if (ReservedSuffixes.Any(suffix => ("_" + value).EndsWith(suffix, StringComparison.Ordinal))) (value, change) = (value + "_job", NameChange.Reserved);
        if (value.Length > Longest) (value, change) = ($"{value[..(Longest - HashLength - 1)].TrimEnd('_')}_{OriginalName.Hash(original, HashLength)}", NameChange.Shortened);
        return new JobName(value, OriginalName.Of(original)) { Change = change };
    }

    private static string Clean(string name)
    {
        StringBuilder clean = new(name.Length);
        foreach (char raw in name)
        {
            char c = char.ToLowerInvariant(raw);
            if (Kept.Contains(c)) clean.Append(c);
            else if (clean.Length > 0 && clean[^1] != '_') clean.Append('_');
        }

        return clean.ToString().TrimEnd('_');
    }
}

/// <summary>What had to be done to a name beyond lower case and underscores.</summary>
internal enum NameChange
{
    None,

    /// <summary>It ended like a series that Prometheus derives: <c>_job</c> was appended.</summary>
    Reserved,

    /// <summary>It was too long: its end was replaced by a hash of the whole.</summary>
    Shortened,

    /// <summary>It had no letter or digit of ASCII: a hash of it stands for it.</summary>
    Replaced,
}
