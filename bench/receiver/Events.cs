namespace CiMetrics.Receiver.Bench;

/// <summary>Events of a given number of series: 100 names at most, the rest of the series by project.</summary>
internal static class Events
{
    private static readonly string Run = Guid.NewGuid().ToString("n")[..8];

    /// <summary>An event with a key of its own, in one of the series.</summary>
    public static string Json(long number, int series)
    {
        long place = number % series;
        return $$"""{"id":"{{Run}}-{{number}}","name":"job_{{place % 100}}","project":"group/project-{{place / 100}}","status":"success","started":"2026-01-02T03:04:05Z","finished":"2026-01-02T03:07:05Z"}""";
    }

    /// <summary>A request with as many events.</summary>
    public static byte[] Request(long number, int batch, int series) => Load.Request(
        "POST", "/steps", "application/json", batch == 1 ? Json(number, series) : $"[{string.Join(',', Enumerable.Range(0, batch).Select(i => Json((number * batch) + i, series)))}]");

    /// <summary>The same of a series as a push to one of 100 groups.</summary>
    public static byte[] Push(long number)
    {
        long place = number % 100;
        return Load.Request("POST", $"/metrics/job/job_{place}", "text/plain", $$"""
            # TYPE ci_job_{{place}}_total counter
            ci_job_{{place}}_total{project="group/project-0",status="success"} {{number}}
            # TYPE ci_job_{{place}}_duration histogram
            ci_job_{{place}}_duration_bucket{status="success",le="60"} 0
            ci_job_{{place}}_duration_bucket{status="success",le="120"} 0
            ci_job_{{place}}_duration_bucket{status="success",le="300"} {{number}}
            ci_job_{{place}}_duration_bucket{status="success",le="600"} {{number}}
            ci_job_{{place}}_duration_bucket{status="success",le="900"} {{number}}
            ci_job_{{place}}_duration_bucket{status="success",le="1200"} {{number}}
            ci_job_{{place}}_duration_bucket{status="success",le="+Inf"} {{number}}
            ci_job_{{place}}_duration_sum{status="success"} {{number * 180}}
            ci_job_{{place}}_duration_count{status="success"} {{number}}

            """);
    }
}
