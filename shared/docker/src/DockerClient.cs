using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;

namespace CiMetrics.Docker;

/// <summary>
/// The calls of the Docker Engine API that are needed here. Every failure is a value; only cancellation by the caller
/// is an exception. The API version is negotiated at the first call and again after the connection was lost, since the
/// engine may have been replaced meanwhile. Safe for concurrent use.
/// </summary>
public sealed class DockerClient : IDisposable
{
    private readonly DockerEndpoint _endpoint;
    private readonly ApiVersion? _fixedVersion;
    private readonly DockerCalls _calls;
    private ApiVersion? _version;

    /// <param name="endpoint">Where the engine is.</param>
    /// <param name="fixedVersion">DOCKER_API_VERSION: used as it is instead of negotiating; null to negotiate.</param>
    /// <param name="time">Measures the time-outs.</param>
    public DockerClient(DockerEndpoint endpoint, ApiVersion? fixedVersion, TimeProvider time)
    {
        _endpoint = endpoint;
        _fixedVersion = fixedVersion;
        _calls = new DockerCalls(endpoint, time);
    }

    /// <summary>The version in use; null before the first answer and after the connection was lost.</summary>
    public ApiVersion? Version => Volatile.Read(ref _version);

    /// <summary>Asks who is there and negotiates: the older of the engine's newest version and ours.</summary>
    public async Task<DockerResult<DockerPing>> PingAsync(CancellationToken cancellation)
    {
        DockerResult<DockerPing> result = await _calls.PingAsync(_fixedVersion, cancellation);
        Volatile.Write(ref _version, result.TryGet(out DockerPing? ping, out _) ? ping.ApiVersion : null);
        return result;
    }

    /// <summary>The engine's host: CPUs, memory, cgroup version.</summary>
    public Task<DockerResult<DockerInfo>> InfoAsync(CancellationToken cancellation) =>
        GetAsync("/info", DockerCall.Slow, DockerJson.Default.DockerInfo, cancellation);

    /// <summary>The containers whose name matches; the engine tries the expression with and without the leading slash.</summary>
    /// <param name="nameRegex">A Go regular expression.</param>
    /// <param name="all">Those that do not run as well.</param>
    /// <param name="cancellation">Ends the call with an exception.</param>
    public Task<DockerResult<DockerContainerSummary[]>> ListContainersAsync(string nameRegex, bool all, CancellationToken cancellation)
    {
        string filters = Filters(("name", [nameRegex]));
        return GetAsync($"/containers/json?all={(all ? 1 : 0)}&filters={filters}", DockerCall.List, DockerJson.Default.DockerContainerSummaryArray, cancellation);
    }

    /// <summary>One container: its state, its process and its limits.</summary>
    public Task<DockerResult<DockerContainer>> InspectAsync(string id, CancellationToken cancellation) =>
        GetAsync($"/containers/{Uri.EscapeDataString(id)}/json", DockerCall.Quick, DockerJson.Default.DockerContainer, cancellation);

    /// <summary>
    /// The figures of one container in the cheapest mode that the negotiated version has. Before API 1.41 the engine
    /// waits for two ticks of its collector, which takes one to two seconds.
    /// </summary>
    public Task<DockerResult<DockerStats>> StatsAsync(string id, CancellationToken cancellation) =>
        GetAsync(
            version => $"/containers/{Uri.EscapeDataString(id)}/stats?stream=0{(version.IsAtLeast(ApiVersion.OneShotStats) ? "&one-shot=1" : "")}",
            DockerCall.Stats,
            DockerStatsJson.Default.DockerStats,
            cancellation);

    /// <summary>
    /// Subscribes to the events of containers. Once this has returned, nothing that happens is missed; what happened
    /// since <paramref name="sinceNano"/> is replayed first, as far as the engine remembers it (256 events).
    /// </summary>
    /// <param name="sinceNano">Nanoseconds since 1970 on the engine's clock; null for new events only.</param>
    /// <param name="actions">The actions of interest.</param>
    /// <param name="cancellation">Ends the call with an exception.</param>
    public async Task<DockerResult<DockerEventStream>> OpenEventsAsync(long? sinceNano, string[] actions, CancellationToken cancellation)
    {
        string filters = Filters(("type", ["container"]), ("event", actions));
        string since = sinceNano is { } nano
            ? string.Create(CultureInfo.InvariantCulture, $"since={nano / 1_000_000_000}.{nano % 1_000_000_000:D9}&")
            : "";
        DockerResult<HttpResponseMessage> opened = await VersionedAsync(
            version => _calls.OpenAsync($"v{version}/events?{since}filters={filters}", DockerCall.Slow, cancellation), cancellation);
        return opened.TryGet(out HttpResponseMessage? response, out DockerFailure? failure)
            ? new DockerEventStream(response, _endpoint, Forget)
            : failure;
    }

    /// <inheritdoc/>
    public void Dispose() => _calls.Dispose();

    private static string Filters(params (string Name, string[] Values)[] filters)
    {
        Dictionary<string, string[]> map = filters.ToDictionary(filter => filter.Name, filter => filter.Values, StringComparer.Ordinal);
        return Uri.EscapeDataString(JsonSerializer.Serialize(map, DockerJson.Default.DictionaryStringStringArray));
    }

    private Task<DockerResult<T>> GetAsync<T>(string path, DockerCall call, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class => GetAsync(_ => path, call, type, cancellation);

    private Task<DockerResult<T>> GetAsync<T>(Func<ApiVersion, string> path, DockerCall call, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class =>
        VersionedAsync(version => _calls.GetAsync($"v{version}{path(version)}", call, type, cancellation), cancellation);

    /// <summary>
    /// Calls with the negotiated version. An engine that was exchanged behind a pooled connection refuses the old version:
    /// then it is asked again, once.
    /// </summary>
    private async Task<DockerResult<T>> VersionedAsync<T>(Func<ApiVersion, Task<DockerResult<T>>> call, CancellationToken cancellation)
        where T : class
    {
        for (bool again = false; ; again = true)
        {
            ApiVersion? version = Version;
            bool known = version is not null;
            if (version is null)
            {
                if (!(await PingAsync(cancellation)).TryGet(out DockerPing? ping, out DockerFailure? failure)) return failure;
                version = ping.ApiVersion;
            }

            DockerResult<T> result = await call(version);
            if (result.Failure is not { } failed) return result;
            bool refused = failed.Kind == DockerFailureKind.VersionMismatch;
            if (refused || failed.LostConnection) Forget();
            if (!refused || !known || again || _fixedVersion is not null) return result;
        }
    }

    private void Forget() => Volatile.Write(ref _version, null);
}
