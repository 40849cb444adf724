using System.Diagnostics.CodeAnalysis;

namespace CiMetrics.Docker;

/// <summary>The answer of the engine, or why there is none. Only cancellation by the caller is an exception.</summary>
public readonly struct DockerResult<T>
    where T : class
{
    private readonly T? _value;

    private DockerResult(T? value, DockerFailure? failure)
    {
        _value = value;
        Failure = failure;
    }

    /// <summary>Null when there is an answer.</summary>
    public DockerFailure? Failure { get; }

    /// <summary>True with the answer, false with the failure.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out DockerFailure? failure)
    {
        value = _value;
        failure = Failure;
        return failure is null && value is not null;
    }

    /// <summary>An answer.</summary>
    public static implicit operator DockerResult<T>(T value) => new(value, null);

    /// <summary>No answer.</summary>
    public static implicit operator DockerResult<T>(DockerFailure failure) => new(null, failure);
}
