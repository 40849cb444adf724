namespace CiMetrics.Spacelift.Api;

/// <summary>The address of an account's API, as users give it.</summary>
internal static class ApiEndpoint
{
    /// <summary>What is allowed, for a message.</summary>
    public const string Rule = "must be a URL such as https://myaccount.app.spacelift.io";

    /// <summary>The URL that queries are sent to; null when the text is none. A path is kept, <c>/graphql</c> at its end is not asked for twice.</summary>
    public static Uri? Parse(string text)
    {
        string trimmed = text.Trim().TrimEnd('/');
        if (trimmed.EndsWith("/graphql", StringComparison.OrdinalIgnoreCase)) trimmed = trimmed[..^"/graphql".Length].TrimEnd('/');
        return Uri.TryCreate(trimmed + "/graphql", UriKind.Absolute, out Uri? url)
            && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            && url.Host.Length > 0 && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
            ? url
            : null;
    }
}
