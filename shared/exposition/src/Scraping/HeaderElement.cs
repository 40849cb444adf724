using System.Globalization;

namespace CiMetrics.Exposition;

/// <summary>One element of an Accept or Accept-Encoding header.</summary>
/// <param name="Name">The media range or coding, in lower case.</param>
/// <param name="Version">The parameter <c>version</c>, or null.</param>
/// <param name="Weight">The q-value; 1 where there is none. Above 1 it is taken as it is: Prometheus 2.49.0 counted in whole numbers.</param>
internal readonly record struct HeaderElement(string Name, string? Version, double Weight)
{
    /// <summary>The elements of a header in their order. One whose q-value is not a number says nothing and is left out.</summary>
    public static IEnumerable<HeaderElement> Parse(string? header)
    {
        foreach (string part in (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (ParseElement(part) is { } element)
                yield return element;
        }
    }

    private static HeaderElement? ParseElement(string part)
    {
        string[] pieces = part.Split(';', StringSplitOptions.TrimEntries);
        string? version = null;
        double weight = 1;
        foreach (string parameter in pieces.AsSpan(1))
        {
            int equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;
            string value = parameter[(equals + 1)..].Trim().Trim('"');
            switch (parameter[..equals].Trim().ToLowerInvariant())
            {
                case "version":
                    version = value;
                    break;
                case "q" when !double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weight):
                    return null;
            }
        }

        return new HeaderElement(pieces[0].ToLowerInvariant(), version, weight);
    }
}
