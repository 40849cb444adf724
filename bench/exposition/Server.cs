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
        byte[] body = await OneBodyAsync(registry);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        await using WebApplication app = builder.Build();
        app.Run(context => context.Request.Path.Value switch
        {
            "/metrics" => LiveAsync(context, registry),
            "/static" => StaticAsync(context, body),
            "/static-chunked" => StaticInPiecesAsync(context, body),
            _ => Task.CompletedTask,
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

    private static async Task StaticInPiecesAsync(HttpContext context, byte[] body)
    {
        const int Piece = 64 * 1024;
        context.Response.ContentType = ScrapeFormat.Text.ContentType;
        context.Response.ContentLength = body.Length;
        for (int at = 0; at < body.Length; at += Piece)
            await context.Response.BodyWriter.WriteAsync(body.AsMemory(at, Math.Min(Piece, body.Length - at)), context.RequestAborted);
    }
}
