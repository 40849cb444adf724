using System.Diagnostics.CodeAnalysis;

namespace CiMetrics.RunnerExporter.Discovery;

/// <summary>The two UUIDs in the name of a build container, <c>{runner_uuid}_{pipeline_uuid}_build</c>, in the letters the name has.</summary>
internal readonly record struct BuildName(string RunnerUuid, string PipelineUuid)
{
    /// <summary>The engine's name filter: it narrows the list, <see cref="TryParse"/> decides.</summary>
    public const string Filter = "_build$";

    private const int UuidLength = 36;
    private const string Suffix = "_build";

    /// <summary>Reads a container's name, with or without the API's leading slash. False for any other container.</summary>
    public static bool TryParse([NotNullWhen(true)] string? containerName, out BuildName name)
    {
        name = default;
        ReadOnlySpan<char> text = containerName.AsSpan().TrimStart('/');
        if (text.Length != UuidLength + 1 + UuidLength + Suffix.Length) return false;

        ReadOnlySpan<char> runner = text[..UuidLength];
        ReadOnlySpan<char> pipeline = text.Slice(UuidLength + 1, UuidLength);
        if (text[UuidLength] != '_' || !text.EndsWith(Suffix, StringComparison.Ordinal) || !IsUuid(runner) || !IsUuid(pipeline)) return false;

        name = new BuildName(runner.ToString(), pipeline.ToString());
        return true;
    }

    private static bool IsUuid(ReadOnlySpan<char> text) => Guid.TryParseExact(text, "D", out _);
}
