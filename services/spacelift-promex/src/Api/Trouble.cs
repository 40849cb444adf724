using System.Diagnostics.CodeAnalysis;

namespace CiMetrics.Spacelift.Api;

/// <summary>What is wrong with something, so that a log tells it once and not at every use.</summary>
internal sealed class Trouble
{
    private string? _told;

    /// <summary>Whether a problem is another one than the last time; never where there is none.</summary>
    public bool IsNew([NotNullWhen(true)] string? problem)
    {
        string? before = Interlocked.Exchange(ref _told, problem);
        return problem is not null && problem != before;
    }
}
