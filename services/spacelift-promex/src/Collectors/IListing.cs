using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Collectors;

/// <summary>A listing that is read again and again.</summary>
internal interface IListing
{
    /// <summary>How it does.</summary>
    ICollectorState State { get; }

    /// <summary>Reads all pages and keeps what came.</summary>
    Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken);
}
