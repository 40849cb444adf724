using System.Net;
using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Pages;

/// <summary>The page that a user sees first, in a browser: of every published service, in a wide and in a narrow window.</summary>
public sealed class LandingPageTests
{
    // Set to 1 to write the README's picture anew.
    private const string UpdateVariable = "UPDATE_SCREENSHOT";
    private const string Pictured = "bitbucket-runner-exporter";

    [Test]
    public async Task Every_landing_page_can_be_read_and_its_links_work()
    {
        await using Browser browser = await Browser.StartAsync();
        await using RunningServices services = await RunningServices.StartAsync(ServiceManifest.All);
        foreach (string command in ServiceManifest.All.Select(manifest => manifest.Command))
        {
            Uri page = services.UrlOf(command, "/");
            await browser.ResizeAsync(1280, 720);
            await browser.OpenAsync(page);
            Assert.That((string?)await browser.EvaluateAsync("document.title"), Is.EqualTo((string?)await browser.EvaluateAsync("document.querySelector('h1').innerText")), command);
            await CheckReadableAsync(browser, command);
            Assert.That(browser.Complaints, Is.Empty, command);
            if (command == Pictured && Environment.GetEnvironmentVariable(UpdateVariable) == "1") await PictureAsync(browser);
            await browser.ResizeAsync(320, 640);
            await browser.OpenAsync(page);
            await CheckReadableAsync(browser, command);
            Assert.That(browser.Complaints, Is.Empty, command);

            JsonArray links = (await browser.EvaluateAsync("Array.from(document.links, link => link.href)")).AsArray();
            Assert.That(links.Select(link => new Uri((string)link!).AbsolutePath), Is.SupersetOf(new[] { "/metrics", "/-/healthy", "/-/ready" }), command);
            foreach (string link in links.Select(link => (string)link!))
            {
                // A service is ready once its source has answered for the first time, and a profile needs its time.
                HttpStatusCode last = default;
                await Eventually.TrueAsync(
                    async () =>
                    {
                        using HttpResponseMessage answer = await services.Client.GetAsync(new Uri(link), HttpCompletionOption.ResponseHeadersRead);
                        return (last = answer.StatusCode) == HttpStatusCode.OK;
                    },
                    $"{command}: {link} answers 200");
                TestContext.Out.WriteLine($"{command}: {link} {(int)last}");
            }
        }
    }

    // No part lies beside the window, letters are no smaller than 12 pixels, and text differs from what is behind it by 4.5 to 1 (WCAG 2, AA).
    private static async Task CheckReadableAsync(Browser browser, string command)
    {
        JsonNode seen = await browser.EvaluateAsync("""
            (() => {
              const light = color => {
                const [r, g, b] = color.match(/\d+(\.\d+)?/g).slice(0, 3).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const ground = light(getComputedStyle(document.body).backgroundColor);
              const texts = Array.from(document.querySelectorAll('h1, p, li, a, footer'));
              return {
                overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
                texts: texts.length,
                empty: texts.filter(text => text.innerText.trim() === '').length,
                small: texts.filter(text => parseFloat(getComputedStyle(text).fontSize) < 12).length,
                faint: texts.filter(text => {
                  const ink = light(getComputedStyle(text).color);
                  return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05) < 4.5;
                }).map(text => text.tagName + ' ' + text.innerText),
              };
            })()
            """);
        Assert.Multiple(() =>
        {
            Assert.That((int)seen["texts"]!, Is.GreaterThan(5), command);
            Assert.That((int)seen["overflow"]!, Is.Zero, $"{command}: {seen.ToJsonString()}");
            Assert.That((int)seen["empty"]!, Is.Zero, $"{command}: {seen.ToJsonString()}");
            Assert.That((int)seen["small"]!, Is.Zero, $"{command}: {seen.ToJsonString()}");
            Assert.That(seen["faint"]!.AsArray(), Is.Empty, $"{command}: {seen.ToJsonString()}");
        });
    }

    private static async Task PictureAsync(Browser browser)
    {
        await browser.ResizeAsync(900, 560);
        await File.WriteAllBytesAsync(Repository.PathOf("docs", "landing-page.png"), await browser.ScreenshotAsync());
    }
}
