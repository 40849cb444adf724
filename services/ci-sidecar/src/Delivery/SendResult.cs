namespace CiMetrics.Sidecar.Delivery;

/// <summary>How an attempt ended.</summary>
internal enum SendResult
{
    /// <summary>The receiver has counted the event.</summary>
    Counted,

    /// <summary>The receiver had counted it before.</summary>
    Duplicate,

    /// <summary>The receiver will never take it.</summary>
    Rejected,

    /// <summary>No connection, no answer in time, or a connection that broke: nobody knows whether it was counted.</summary>
    Unreachable,

    /// <summary>The receiver could not take it now (5xx, 408, 425).</summary>
    Unavailable,

    /// <summary>The receiver wants fewer requests (429).</summary>
    Throttled,
}
