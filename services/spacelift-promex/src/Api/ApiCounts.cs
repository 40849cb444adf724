using CiMetrics.Exposition;

namespace CiMetrics.Spacelift.Api;

/// <summary>What is counted about the calls to Spacelift.</summary>
internal sealed class ApiCounts
{
    private readonly Counter _calls;
    private readonly Counter _errors;

    /// <summary>Makes the counters.</summary>
    public ApiCounts(MetricFactory metrics)
    {
        _calls = metrics.CreateCounter("spacelift_api_calls_total", "HTTP calls made to the Spacelift API", "operation");
        Retries = metrics.CreateCounter("spacelift_api_retries_total", "HTTP calls that repeated a failed one");
        _errors = metrics.CreateCounter("spacelift_api_errors_total", "Queries that were not answered, or not in full, by kind of error", "kind");
        Logins = metrics.CreateCounter("spacelift_logins_total", "Exchanges of the API key for a token, by result", "result");
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>()) _errors.WithLabels(Name(kind));
        foreach (string result in (ReadOnlySpan<string>)["success", "failure"]) Logins.WithLabels(result);
    }

    /// <summary>Repeated calls.</summary>
    public Counter Retries { get; }

    /// <summary>Exchanges of the key for a token.</summary>
    public Counter Logins { get; }

    /// <summary>Counts a call that is made.</summary>
    public void Call(string operation) => _calls.WithLabels(operation).Inc();

    /// <summary>Counts a query that failed.</summary>
    public void Failed(ErrorKind kind) => _errors.WithLabels(Name(kind)).Inc();

#pragma warning disable CA1308 // Label values are lower-case words.
    private static string Name(ErrorKind kind) => kind.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
