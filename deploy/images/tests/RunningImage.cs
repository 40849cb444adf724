using System.Globalization;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>A container of an image, without capabilities, new privileges or a writable root, on the host's network.</summary>
internal sealed class RunningImage
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly ServiceImage _image;
    private readonly int _port;

    private RunningImage(ServiceImage image, int port) => (_image, _port) = (image, port);

    /// <summary>Starts it and waits until the engine, which runs the image's HEALTHCHECK, takes it for healthy.</summary>
    /// <param name="image">The image.</param>
    /// <param name="port">Where its metrics are; 0: nowhere.</param>
    /// <param name="options">What its README adds to <c>docker run</c>.</param>
    /// <param name="arguments">What comes after the image.</param>
    public static async Task<RunningImage> StartAsync(ServiceImage image, int port, string[] options, params string[] arguments)
    {
        // The image's own interval would be the wait for the first answer.
        await Workshop.Engine.DockerAsync(
            ["run", "-d", "--name", image.Name, "--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--health-interval", "1s",
             .. options, image.Name, .. arguments]);
        RunningImage running = new(image, port);
        try
        {
            await Eventually.TrueAsync(async () => await running.InspectAsync("{{.State.Health.Status}}") == "healthy", $"{image.Name} to be healthy", TimeSpan.FromMinutes(2));
        }
        catch (AssertionException exception)
        {
            string health = await running.InspectAsync("{{json .State}}");
            throw new AssertionException($"{exception.Message}\n{health}\n{await Workshop.Engine.DockerAsync("logs", image.Name)}", exception);
        }
        await running.CheckProcessAsync();
        return running;
    }

    /// <summary>Its metrics now.</summary>
    public Task<ScrapedText> ScrapeAsync() => ScrapedText.GetAsync(Client, Url("/metrics"));

    /// <summary>Waits until its metrics show something.</summary>
    public Task ShowsAsync(Func<ScrapedText, bool> what, string words) => Eventually.TrueAsync(async () => what(await ScrapeAsync()), words);

    /// <summary>What a path answers.</summary>
    public Task<string> GetAsync(string path) => Client.GetStringAsync(Url(path));

    /// <summary>Puts its resident memory into the table.</summary>
    public async Task MeasureAsync()
    {
        string[] fields = (await StatusAsync())["VmRSS"].Split(' ');
        Workshop.Remember(_image, (double.Parse(fields[0], CultureInfo.InvariantCulture) * 1024 / 1e6).ToString("0.0", CultureInfo.InvariantCulture));
    }

    /// <summary>Stops it, in order, and removes it.</summary>
    public async Task StopAsync()
    {
        await Workshop.Engine.DockerAsync("stop", "-t", "20", _image.Name);
        Assert.That(await InspectAsync("{{.State.ExitCode}}"), Is.EqualTo("0"), $"{_image.Name} stops in order");
        await Workshop.Engine.DockerAsync("rm", _image.Name);
    }

    private async Task CheckProcessAsync()
    {
        Dictionary<string, string> status = await StatusAsync();
        Assert.That(status["Uid"].Split('\t'), Is.All.EqualTo("1654"));
        Assert.That(status["CapEff"], Is.EqualTo("0000000000000000"));
        Assert.That(status["NoNewPrivs"], Is.EqualTo("1"));
        if (_port == 0) return;
        ScrapedText scraped = await ScrapeAsync();
        Assert.That(scraped.All("exporter_build_info").Count(), Is.EqualTo(1));
    }

    private async Task<Dictionary<string, string>> StatusAsync()
    {
        string pid = await InspectAsync("{{.State.Pid}}");
        return (await File.ReadAllLinesAsync($"/proc/{pid}/status"))
            .Select(line => line.Split(':', 2))
            .ToDictionary(field => field[0], field => field[1].Trim(), StringComparer.Ordinal);
    }

    private Task<string> InspectAsync(string format) => Workshop.Engine.DockerAsync("inspect", "-f", format, _image.Name);

    private Uri Url(string path) => new($"http://127.0.0.1:{_port}{path}");
}
