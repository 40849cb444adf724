using System.Globalization;
using System.Text;

namespace CiMetrics.GitHubRunner.Simulator;

/// <summary>
/// Writes what a runner writes into its folder: configuration, the listener's and the workers' logs, steps' pages. Every
/// call is told the time.
/// </summary>
public sealed class SimulatedRunner
{
    private const string Level = "INFO";

    private readonly long _largestLog;
    private string? _listener;
    private long _listenerLength;
    private string? _worker;
    private int _requests;

    /// <summary>Makes a runner's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Its name.</param>
    /// <param name="isEphemeral">Whether it takes one job.</param>
    /// <param name="largestLog">From which length on it begins another log.</param>
    public SimulatedRunner(string folder, string name, bool isEphemeral = false, long largestLog = 8 << 20)
    {
        (Folder, Name, _largestLog) = (folder, name, largestLog);
        Directory.CreateDirectory(Path.Combine(folder, "_diag", "pages"));
        Directory.CreateDirectory(Path.Combine(folder, "_diag", "blocks"));
        string ephemeral = isEphemeral ? "\n  \"ephemeral\": true," : "";
        File.WriteAllText(
            Path.Combine(folder, ".runner"),
            $$"""
            {
              "agentId": 7,
              "agentName": "{{name}}",{{ephemeral}}
              "poolId": 1,
              "poolName": "Default",
              "serverUrl": "https://pipelines.example.com/x/",
              "gitHubUrl": "https://github.com/octo/app",
              "workFolder": "_work"
            }
            """,
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        File.WriteAllText(Path.Combine(folder, "config.sh"), "#!/bin/bash\n");
    }

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The folder of its logs.</summary>
    public string Diag => Path.Combine(Folder, "_diag");

    /// <summary>The listener starts and listens.</summary>
    public void Start(DateTimeOffset at, string version = "2.336.0", bool listens = true)
    {
        NewListenerLog(at);
        Listen(at, "HostContext", "Well known directory 'Bin': '/runner/bin'");
        Say(at, $"Current runner version: '{version}'");
        if (listens) Say(at, $"{at.UtcDateTime:u}: Listening for Jobs");
    }

    /// <summary>The connection is lost.</summary>
    public void LoseConnection(DateTimeOffset at) => Say(at, $"{at.UtcDateTime:u}: Runner connect error: Resource temporarily unavailable (broker.actions.githubusercontent.com:443). Retrying until reconnected.");

    /// <summary>The connection is there again.</summary>
    public void Reconnect(DateTimeOffset at) => Say(at, $"{at.UtcDateTime:u}: Runner reconnected.");

    /// <summary>A job comes; its worker starts and gets the message.</summary>
    public void Begin(SimulatedJob job, DateTimeOffset at)
    {
        Receive(job, at);
        StartWorker(job, at);
    }

    /// <summary>The listener's part of a job's beginning.</summary>
    public void Receive(SimulatedJob job, DateTimeOffset at)
    {
        _requests++;
        Listen(at, "MessageListener", "Received job status event. JobState: Busy");
        Listen(at, "MessageListener", $"Message '{_requests}' received.");
        Listen(at, "JobDispatcher", $"Job request {_requests} for plan {Guid.NewGuid()} job {job.Id} received.");
        Say(at, $"{at.UtcDateTime:u}: Running job: {job.Name}");
    }

    /// <summary>The worker's part: a log of its own with the job message.</summary>
    public void StartWorker(SimulatedJob job, DateTimeOffset at)
    {
        _worker = NewLog("Worker", at);
        Work(at, "Worker", "Waiting to receive the job message from the channel.");
        Work(at, "Worker", "Message received.");
        Work(at, "Worker", "Job message:\n " + JobMessageText.Of(job));
        Work(at, "Worker", "Listening for cancel message from the channel.");
        Work(at, "StepsRunner", "Processing step: DisplayName='Run make'");
    }

    /// <summary>A job ends.</summary>
    /// <param name="job">The job.</param>
    /// <param name="at">When.</param>
    /// <param name="result">The runner's word.</param>
    /// <param name="code">The worker's exit code; 137 and the like: it crashed and has said nothing itself.</param>
    public void End(SimulatedJob job, DateTimeOffset at, string result = "Succeeded", int? code = null)
    {
        if (code is null) EndWorker(at, result);
        Listen(at, "JobDispatcher", $"Worker finished for job {job.Id}. Code: {code ?? 100}");
        if (code is not null) Listen(at, "JobDispatcher", $"Return code {code} indicate worker encounter an unhandled exception or app crash, attach worker stdout/stderr to JobRequest result.");
        Listen(at, "JobDispatcher", $"finish job request for job {job.Id} with result: {result}");
        Say(at, $"{at.UtcDateTime:u}: Job {job.Name} completed with result: {result}");
        Listen(at, "MessageListener", "Received job status event. JobState: Online");
    }

    /// <summary>The worker says how its steps ended.</summary>
    public void EndWorker(DateTimeOffset at, string result) => Work(at, "JobRunner", $"Job result after all job steps finish: {result}");

    /// <summary>A whole job.</summary>
    public void Run(SimulatedJob job, DateTimeOffset from, DateTimeOffset to, string result = "Succeeded")
    {
        Begin(job, from);
        End(job, to, result);
    }

    /// <summary>A line of the listener's log.</summary>
    public void Listen(DateTimeOffset at, string source, string text)
    {
        if (_listenerLength > _largestLog || _listener is null) NewListenerLog(at);
        _listenerLength += Append(_listener!, at, source, text);
    }

    /// <summary>A line on the console, which is in the log, too.</summary>
    public void Say(DateTimeOffset at, string text) => Listen(at, "Terminal", "WRITE LINE: " + text);

    /// <summary>A line of the worker's log.</summary>
    public void Work(DateTimeOffset at, string source, string text) => Append(_worker ?? throw new InvalidOperationException("there is no worker"), at, source, text);

    private void NewListenerLog(DateTimeOffset at) => (_listener, _listenerLength) = (NewLog("Runner", at), 0);

    private string NewLog(string prefix, DateTimeOffset at) =>
        Path.Combine(Diag, string.Create(CultureInfo.InvariantCulture, $"{prefix}_{at.UtcDateTime:yyyyMMdd-HHmmss}-utc.log"));

    private static int Append(string path, DateTimeOffset at, string source, string text)
    {
        string line = $"[{at.UtcDateTime:u} {Level} {source}] {text}\n";
        File.AppendAllText(path, line);
        return line.Length;
    }
}
