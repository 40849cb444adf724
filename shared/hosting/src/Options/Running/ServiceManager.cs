using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>Tells systemd how the service does (<c>Type=notify</c>, sd_notify(3)); nobody, where it did not ask.</summary>
internal static partial class ServiceManager
{
    /// <summary>The service is up.</summary>
    public const string Ready = "READY=1";

    /// <summary>The service was told to stop and drains.</summary>
    public const string Stopping = "STOPPING=1";

    /// <summary>Sends a state. A failure is logged: the service itself is none the worse.</summary>
    public static void Notify(string state, ILogger logger)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } name)
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A name that begins with @ is an abstract one.
            socket.Connect(new UnixDomainSocketEndPoint(name[0] == '@' ? "\0" + name[1..] : name));
            socket.Send(System.Text.Encoding.UTF8.GetBytes(state));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            LogFailed(logger, exception.Message, state);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The service manager could not be told")]
    private static partial void LogFailed(ILogger logger, string reason, string state);
}
