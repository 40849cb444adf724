using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>The path that reads the configuration again, to POST and PUT as Prometheus has it.</summary>
internal static class ReloadEndpoint
{
    public const string Path = "/-/reload";

    /// <summary>The endpoint: 200 once the new configuration is in force, 500 and the mistakes when it is refused.</summary>
    public static Endpoint Of(Reloader reloader) => new(Path, context => Handle(context, reloader), [HttpMethods.Post, HttpMethods.Put]);

    private static async Task Handle(HttpContext context, Reloader reloader)
    {
        var problems = await reloader.ReloadAsync(context.RequestAborted);
        if (problems.Count == 0)
            await Answer.PlainText(context, StatusCodes.Status200OK, "Configuration reloaded\n");
        else
            await Answer.PlainText(context, StatusCodes.Status500InternalServerError, "failed to reload the configuration:\n" + string.Concat(problems.Select(problem => problem + "\n")));
    }
}
