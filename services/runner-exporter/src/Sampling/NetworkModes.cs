namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>What a container's network mode means for its figures.</summary>
internal static class NetworkModes
{
    /// <summary>
    /// True when the interfaces that its processes see are to be counted: its own, or with <c>container:X</c> those it
    /// shares, as the Docker API does. With <c>host</c> they would be the whole host's.
    /// </summary>
    public static bool IsOwn(string? mode) => mode is not ("host" or "none");

    /// <summary>The figures where nothing is counted: none can be sent without a network, and of the host's nothing is known.</summary>
    public static NetworkBytes? Fixed(string? mode) => mode == "none" ? new NetworkBytes(0, 0) : null;
}
