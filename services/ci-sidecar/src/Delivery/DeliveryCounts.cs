using CiMetrics.Exposition;

namespace CiMetrics.Sidecar.Delivery;

/// <summary>What the delivery counts.</summary>
internal sealed class DeliveryCounts
{
    private readonly Counter _sent;
    private readonly Counter _retries;
    private long _lastSuccess;

    /// <summary>Declares the metrics.</summary>
    public DeliveryCounts(MetricFactory metrics)
    {
        _sent = metrics.CreateCounter("ci_sidecar_events_total", "Events that are done with, by result: counted or duplicate at the receiver, rejected by it, or given up.", "result");
        _retries = metrics.CreateCounter("ci_sidecar_retries_total", "Attempts that failed and are repeated, by reason.", "reason");
        foreach (string result in (ReadOnlySpan<string>)["counted", "duplicate", "rejected", "given_up"])
            _sent.WithLabels(result);
        foreach (string reason in (ReadOnlySpan<string>)["unreachable", "unavailable", "throttled"])
            _retries.WithLabels(reason);
    }

    /// <summary>When the receiver last took an event, in milliseconds since 1970; null before the first.</summary>
    public long? LastSuccess => Volatile.Read(ref _lastSuccess) is not 0 and long milliseconds ? milliseconds : null;

    /// <summary>The receiver has the event.</summary>
    public void Delivered(bool isDuplicate, DateTimeOffset now)
    {
        _sent.WithLabels(isDuplicate ? "duplicate" : "counted").Inc();
        Volatile.Write(ref _lastSuccess, now.ToUnixTimeMilliseconds());
    }

    /// <summary>The event was put aside.</summary>
    public void PutAside(bool isRejected) => _sent.WithLabels(isRejected ? "rejected" : "given_up").Inc();

    /// <summary>An attempt failed.</summary>
    public void Retried(SendResult result) => _retries.WithLabels(result switch
    {
        SendResult.Throttled => "throttled",
        SendResult.Unavailable => "unavailable",
        _ => "unreachable",
    }).Inc();
}
