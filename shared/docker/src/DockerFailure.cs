namespace CiMetrics.Docker;

/// <summary>What a caller can do about a failure.</summary>
public enum DockerFailureKind
{
    /// <summary>No connection, or it broke: the engine is down, restarting, or elsewhere. Try again later.</summary>
    Unreachable,

    /// <summary>The engine took the connection and did not answer in time. Try again later.</summary>
    Timeout,

    /// <summary>The socket's permissions or an authorisation plug-in say no. A person must act.</summary>
    Refused,

    /// <summary>The TLS handshake failed: a wrong CA, name, date or client certificate. A person must act.</summary>
    Tls,

    /// <summary>The engine and this program have no API version in common. A person must act.</summary>
    VersionMismatch,

    /// <summary>There is no such container (any more).</summary>
    NotFound,

    /// <summary>The engine answered that it failed (5xx).</summary>
    EngineError,

    /// <summary>The answer is not what the Docker API documents: other server, truncated, too large.</summary>
    Protocol,
}

/// <summary>Why a call to the engine gave nothing. <paramref name="Message"/> is one line that a user can act on.</summary>
public sealed record DockerFailure(DockerFailureKind Kind, string Message)
{
    /// <summary>The engine may have been replaced meanwhile: what was negotiated with it no longer counts.</summary>
    public bool LostConnection => Kind is DockerFailureKind.Unreachable or DockerFailureKind.Timeout or DockerFailureKind.Tls or DockerFailureKind.Refused;

    /// <inheritdoc/>
    public override string ToString() => Message;
}
