using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CiMetrics.Exposition.Bench;

/// <summary>Serves live metrics on <c>/metrics</c> and, on <c>/static</c>, a body of the same size that never changes.</summary>
internal static class Server
{
    public static async Task RunAsync(string values, int series)
    {
        CollectorRegistry registry = Case.Snapshot(values, series, doubles: values == "doubles").Registry;
        byte[]? body = null;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        await using WebApplication app = builder.Build();
        app.Run(async context =>
        {
            if (context.Request.Path == "/metrics")
                await LiveAsync(context, registry);
            else
                await StaticAsync(context, body ??= await OneBodyAsync(registry));
        });
        await app.StartAsync();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Console.WriteLine(address);

        // The parent ends it by closing standard input.
        await Console.In.ReadToEndAsync();
    }

    private static async Task<byte[]> OneBodyAsync(CollectorRegistry registry)
    {
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        return [.. scrape.Segments.SelectMany(segment => segment.ToArray())];
    }

    private static async Task LiveAsync(HttpContext context, CollectorRegistry registry)
    {
        ScrapeFormat format = ContentNegotiation.Choose(context.Request.Headers.Accept, context.Request.Headers.AcceptEncoding, openMetricsEnabled: false);
        using Scrape scrape = await registry.ScrapeAsync(format, context.RequestAborted);
        context.Response.ContentType = scrape.ContentType;
        context.Response.ContentLength = scrape.Length;
        if (scrape.ContentEncoding is { } encoding)
            context.Response.Headers.ContentEncoding = encoding;
        await scrape.CopyToAsync(context.Response.BodyWriter, context.RequestAborted);
    }

    private static async Task StaticAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = ScrapeFormat.Text.ContentType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }
}
