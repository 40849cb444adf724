using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>A link of the landing page.</summary>
internal sealed record LandingLink(string Path, string Text);

/// <summary>The page at <c>/</c>: what this is, which version, and where its paths are. Made once at start.</summary>
internal sealed class LandingPage
{
    private readonly byte[] _body;
    private readonly Lazy<string> _policy;

    /// <summary>Fills the template; every value is escaped.</summary>
    public LandingPage(ServiceInfo info, IEnumerable<LandingLink> links, IEnumerable<string> facts)
    {
        var template = Template();
        var page = template
            .Replace("{{title}}", Escape(info.Title), StringComparison.Ordinal)
            .Replace("{{description}}", Escape(info.Description), StringComparison.Ordinal)
            .Replace("{{version}}", Escape(info.Version), StringComparison.Ordinal)
            .Replace("{{revision}}", Escape(info.Revision), StringComparison.Ordinal)
            .Replace("{{links}}", string.Concat(links.Select(Item)), StringComparison.Ordinal)
            .Replace("{{facts}}", string.Concat(facts.Select(fact => "<p>" + Escape(fact) + "</p>\n")), StringComparison.Ordinal);
        _body = Encoding.UTF8.GetBytes(page);
        // Nothing may be loaded or run but the style that is in the template. The hash waits for the first visitor:
        // a scraper never comes here, and OpenSSL takes four megabytes.
        _policy = new(() => "default-src 'none'; style-src 'sha256-" + StyleHash(template)
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    /// <summary>Answers GET and HEAD.</summary>
    public Task Handle(HttpContext context)
    {
        // The user's own policy, from the web configuration, is there already.
        if (context.Response.Headers.ContentSecurityPolicy.Count == 0)
            context.Response.Headers.ContentSecurityPolicy = _policy.Value;
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Answer.Bytes(context, StatusCodes.Status200OK, "text/html; charset=utf-8", _body);
    }

    private static string Item(LandingLink link) =>
        "<li><a href=\"" + Escape(link.Path) + "\">" + Escape(link.Path) + "</a> " + Escape(link.Text) + "</li>\n";

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string StyleHash(string template)
    {
        var start = template.IndexOf("<style>", StringComparison.Ordinal) + "<style>".Length;
        var style = template[start..template.IndexOf("</style>", StringComparison.Ordinal)];
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
    }

    private static string Template()
    {
        using var stream = typeof(LandingPage).Assembly.GetManifestResourceStream("landing.html")
            ?? throw new InvalidOperationException("The landing page's template is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
