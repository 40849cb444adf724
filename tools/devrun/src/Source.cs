using System.Net.Sockets;

namespace CiMetrics.DevRun;

/// <summary>What a service will watch in this run.</summary>
internal sealed record Source(bool IsReal, string Description)
{
    /// <summary>Looks for the real source; a sign that does not answer (a stale socket file) does not count.</summary>
    public static Source Find(SourceManifest manifest)
    {
        foreach (string name in manifest.Environment)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) return new Source(IsReal: true, $"real: {value}");
        }

        foreach (string socket in manifest.Sockets)
        {
            if (Answers(socket)) return new Source(IsReal: true, $"real: unix://{socket}");
        }

        foreach (string path in manifest.Paths)
        {
            if (Path.Exists(path)) return new Source(IsReal: true, $"real: {path}");
        }

        return new Source(IsReal: false, $"simulated: {manifest.Missing}");
    }

    private static bool Answers(string path)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false; // Nothing behind it, or no permission: then the simulator serves, and the table says so.
        }
    }
}
