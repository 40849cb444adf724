using System.Text.Json.Nodes;
using CiMetrics.RunnerExporter.Simulator.Engine;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary><c>/_ping</c>, <c>/version</c> and <c>/info</c>.</summary>
internal static class SystemEndpoints
{
    private const string Kernel = "6.1.0-simulated";

    public static async Task PingAsync(EngineRequest request)
    {
        var response = request.Http.Response;
        response.Headers["Builder-Version"] = "2";
        response.Headers["Swarm"] = "inactive";
        response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        response.Headers.Pragma = "no-cache";
        response.ContentType = "text/plain; charset=utf-8";
        bool head = HttpMethods.IsHead(request.Http.Request.Method);
        response.ContentLength = head ? 0 : 2;
        if (!head)
            await response.Body.WriteAsync("OK"u8.ToArray(), request.Ended);
    }

    public static Task VersionAsync(EngineRequest request)
    {
        var options = request.Engine.Options;
        var details = new JsonObject
        {
            ["ApiVersion"] = options.ApiVersion,
            ["Arch"] = "amd64",
            ["MinAPIVersion"] = options.MinApiVersion,
            ["Os"] = "linux",
            ["KernelVersion"] = Kernel,
        };
        return Reply.JsonAsync(request.Http, new JsonObject
        {
            ["Platform"] = new JsonObject { ["Name"] = "Docker Engine - Simulator" },
            ["Components"] = new JsonArray(
                new JsonObject { ["Name"] = "Engine", ["Version"] = options.EngineVersion, ["Details"] = details }),
            ["Version"] = options.EngineVersion,
            ["ApiVersion"] = options.ApiVersion,
            ["MinAPIVersion"] = options.MinApiVersion,
            ["GitCommit"] = "simulated",
            ["GoVersion"] = "none",
            ["Os"] = "linux",
            ["Arch"] = "amd64",
            ["KernelVersion"] = Kernel,
            ["Experimental"] = false,
        });
    }

    public static Task InfoAsync(EngineRequest request)
    {
        var engine = request.Engine;
        var states = engine.Containers.Select(container => container.Status);
        return Reply.JsonAsync(request.Http, new JsonObject
        {
            ["ID"] = "5f0c9d52-0c5e-4a39-9d59-51d0a7e50001",
            ["Name"] = "simulated-docker",
            ["ServerVersion"] = engine.Options.EngineVersion,
            ["Containers"] = states.Count,
            ["ContainersRunning"] = states.Count(state => state == "running"),
            ["ContainersPaused"] = states.Count(state => state == "paused"),
            ["ContainersStopped"] = states.Count(state => state == "exited"),
            ["Images"] = 0,
            ["Driver"] = "overlay2",
            ["NCPU"] = engine.Options.Cpus,
            ["MemTotal"] = engine.Options.MemoryBytes,
            ["CgroupDriver"] = "systemd",
            ["CgroupVersion"] = "2",
            ["MemoryLimit"] = true,
            ["SwapLimit"] = true,
            ["PidsLimit"] = true,
            ["CpuCfsPeriod"] = true,
            ["CpuCfsQuota"] = true,
            ["CPUShares"] = true,
            ["CPUSet"] = true,
            ["OomKillDisable"] = false,
            ["KernelVersion"] = Kernel,
            ["OperatingSystem"] = "Simulated Linux",
            ["OSType"] = "linux",
            ["Architecture"] = "x86_64",
            ["SystemTime"] = EngineClock.Format(engine.Clock.Now),
            ["DockerRootDir"] = "/var/lib/docker",
            ["LoggingDriver"] = "json-file",
            ["ExperimentalBuild"] = false,
        });
    }
}
