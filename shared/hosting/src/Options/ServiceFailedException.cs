namespace CiMetrics.Hosting;

/// <summary>
/// Ends the program with exit code 1 and this message. For failures that the user can mend (an address in use, a
/// directory that cannot be written): the message says what to do, and no stack trace follows it.
/// </summary>
public sealed class ServiceFailedException : Exception
{
    /// <summary>Makes the exception with a message for the user.</summary>
    public ServiceFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with a message for the user and what caused it.</summary>
    public ServiceFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception with a message that says nothing; there for the convention.</summary>
    public ServiceFailedException()
        : base("The service failed.")
    {
    }
}
