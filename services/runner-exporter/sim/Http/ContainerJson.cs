using System.Text.Json.Nodes;
using CiMetrics.RunnerExporter.Simulator.Engine;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>A container as the list and as inspect show it.</summary>
internal static class ContainerJson
{
    private const string ImageId = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

    public static JsonObject Summary(Container container, DateTimeOffset now) => new()
    {
        ["Id"] = container.Id,
        ["Names"] = new JsonArray("/" + container.Name),
        ["Image"] = container.Settings.Image,
        ["ImageID"] = ImageId,
        ["Command"] = container.Settings.Command,
        ["Created"] = container.StartedAt.ToUnixTimeSeconds(),
        ["Ports"] = new JsonArray(),
        ["Labels"] = Labels(container),
        ["State"] = container.Status,
        ["Status"] = StatusText(container, now),
        ["HostConfig"] = new JsonObject { ["NetworkMode"] = container.Settings.NetworkMode },
        ["NetworkSettings"] = new JsonObject { ["Networks"] = new JsonObject() },
        ["Mounts"] = new JsonArray(),
    };

    public static JsonObject Inspect(Container container)
    {
        var settings = container.Settings;
        string[] command = settings.Command.Split(' ');
        return new JsonObject
        {
            ["Id"] = container.Id,
            ["Created"] = EngineClock.Format(container.StartedAt),
            ["Path"] = command[0],
            ["Args"] = new JsonArray([.. command[1..].Select(part => JsonValue.Create(part))]),
            ["State"] = new JsonObject
            {
                ["Status"] = container.Status,
                ["Running"] = container.IsRunning,
                ["Paused"] = container.IsPaused,
                ["Restarting"] = false,
                ["OOMKilled"] = container.OomKilled,
                ["Dead"] = false,
                ["Pid"] = container.Pid,
                ["ExitCode"] = container.ExitCode,
                ["Error"] = "",
                ["StartedAt"] = EngineClock.Format(container.StartedAt),
                ["FinishedAt"] = EngineClock.Format(container.FinishedAt),
            },
            ["Image"] = ImageId,
            ["Name"] = "/" + container.Name,
            ["RestartCount"] = 0,
            ["Driver"] = "overlay2",
            ["Platform"] = "linux",
            ["HostConfig"] = new JsonObject
            {
                ["NetworkMode"] = settings.NetworkMode,
                ["CgroupParent"] = "",
                ["CpuShares"] = 0,
                ["Memory"] = settings.Memory,
                ["MemorySwap"] = settings.Memory * 2,
                ["NanoCpus"] = settings.NanoCpus,
                ["CpuPeriod"] = settings.CpuPeriod,
                ["CpuQuota"] = settings.CpuQuota,
                ["CpusetCpus"] = settings.CpusetCpus,
                ["CpusetMems"] = "",
                ["PidsLimit"] = settings.PidsLimit,
            },
            ["Mounts"] = new JsonArray(),
            ["Config"] = new JsonObject { ["Image"] = settings.Image, ["Labels"] = Labels(container) },
            ["NetworkSettings"] = new JsonObject { ["Networks"] = new JsonObject() },
        };
    }

    private static JsonObject Labels(Container container) =>
        new(container.Settings.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));

    private static string StatusText(Container container, DateTimeOffset now) =>
        container.FinishedAt is { } finishedAt
            ? $"Exited ({container.ExitCode}) {Age(now - finishedAt)} ago"
            : $"Up {Age(now - container.StartedAt)}{(container.IsPaused ? " (Paused)" : "")}";

    private static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 2 } => $"{(int)age.TotalSeconds} seconds",
        { TotalHours: < 2 } => $"{(int)age.TotalMinutes} minutes",
        _ => $"{(int)age.TotalHours} hours",
    };
}
