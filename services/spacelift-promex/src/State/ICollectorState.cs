using CiMetrics.Spacelift.Api;

namespace CiMetrics.Spacelift.State;

/// <summary>How a collector does, whatever it collects.</summary>
internal interface ICollectorState
{
    /// <summary>Its name in metrics and logs.</summary>
    string Name { get; }

    /// <summary>True once it was tried.</summary>
    bool HasRun { get; }

    /// <summary>What went wrong the last time; null while all is well.</summary>
    ApiError? Error { get; }

    /// <summary>False where Spacelift does not let this key, or anybody, ask for it.</summary>
    bool IsSupported { get; }

    /// <summary>How long the last time took.</summary>
    TimeSpan Took { get; }

    /// <summary>When it last went well.</summary>
    DateTimeOffset? LastSuccess { get; }
}
