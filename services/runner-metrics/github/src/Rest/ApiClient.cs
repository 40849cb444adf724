using System.Net.Http.Headers;

namespace CiMetrics.GitHubRunner.Rest;

/// <summary>GitHub's API at one address, with one token.</summary>
/// <param name="address">The address, ending in a slash.</param>
/// <param name="token">The token at this moment; null: none.</param>
internal sealed class ApiClient(Uri address, Func<string?> token) : IDisposable
{
    private const int LargestAnswer = 4 << 20;

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(15),
        MaxResponseContentBufferSize = LargestAnswer,
    };

    /// <summary>The address.</summary>
    public Uri Address => address;

    /// <summary>Whether that is the address that a job knows; so too where it does not say.</summary>
    public bool IsAt(string? api) => api is null || (Uri.TryCreate(api.TrimEnd('/') + "/", UriKind.Absolute, out Uri? other) && other == address);

    /// <summary>Asks.</summary>
    /// <exception cref="HttpRequestException">There was no whole answer.</exception>
    public async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(address, path));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("github-runner-metrics", null));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.github+json"));
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        if (token() is { Length: > 0 } secret) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return await _client.SendAsync(request, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
