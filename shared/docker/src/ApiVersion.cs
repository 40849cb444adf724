using System.Globalization;

namespace CiMetrics.Docker;

/// <summary>A version of the Docker Engine API, such as 1.41.</summary>
public sealed record ApiVersion(int Major, int Minor)
{
    /// <summary>The newest version this program was written against; a newer engine is asked for this one.</summary>
    public static ApiVersion Newest { get; } = new(1, 47);

    /// <summary>The oldest version that has everything needed here: the first with a complete <c>/containers/json</c> and event actor.</summary>
    public static ApiVersion Oldest { get; } = new(1, 24);

    /// <summary>The first version in which <c>/containers/{id}/stats</c> takes <c>one-shot</c>.</summary>
    public static ApiVersion OneShotStats { get; } = new(1, 41);

    /// <summary>Reads <c>1.41</c> or <c>v1.41</c>; null for anything else.</summary>
    public static ApiVersion? TryParse(string? text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        if (rest.StartsWith('v')) rest = rest[1..];
        int dot = rest.IndexOf('.');
        return dot > 0
            && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(rest[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            ? new ApiVersion(major, minor)
            : null;
    }

    /// <summary>True when this version is <paramref name="other"/> or newer.</summary>
    public bool IsAtLeast(ApiVersion other) => Major > other.Major || (Major == other.Major && Minor >= other.Minor);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
