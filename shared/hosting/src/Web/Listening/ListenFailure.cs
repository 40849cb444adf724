using System.Net.Sockets;

namespace CiMetrics.Hosting;

/// <summary>Says why an address cannot be listened on and what to do about it.</summary>
internal static class ListenFailure
{
    /// <summary>The message for the user.</summary>
    public static string Message(IReadOnlyList<ListenAddress> addresses, Exception exception) =>
        "cannot listen on " + string.Join(", ", addresses) + ": " + Advice(addresses, Find(exception));

    private static string Advice(IReadOnlyList<ListenAddress> addresses, SocketException? cause) => cause?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            "the address is in use; stop the program that has it or choose another one",
        SocketError.AccessDenied when addresses.Any(address => address.Port is > 0 and < 1024) =>
            "ports below 1024 need root or the capability CAP_NET_BIND_SERVICE; choose another one, for example with --web.listen-address=:8080",
        SocketError.AccessDenied => "permission denied",
        SocketError.AddressNotAvailable => "this machine has no such address; choose another one",
        _ => cause?.Message ?? "the server did not start",
    };

    // Kestrel wraps the socket's exception, once or twice.
    private static SocketException? Find(Exception? exception) =>
        exception is null or SocketException ? exception as SocketException : Find(exception.InnerException);
}
