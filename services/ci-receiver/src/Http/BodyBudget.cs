namespace CiMetrics.Receiver.Http;

/// <summary>
/// The memory that bodies take at a time, from their first byte until they are stored: what bounds the receiver's memory
/// whatever is sent to it. What counts is what was received, not what was announced; and some of it is for small bodies
/// only, so that large ones, however slowly they come, never keep those out.
/// </summary>
/// <param name="most">All of it, in bytes.</param>
/// <param name="forSmall">What of it is for small bodies only, in bytes.</param>
internal sealed class BodyBudget(long most, long forSmall)
{
    /// <summary>The most bytes of a small body.</summary>
    public const int Small = 16 << 10;

    private long _taken;

    private long RoomFor(long bytes) => bytes <= Small ? most : most - forSmall;

    /// <summary>A share for a body; it has nothing yet.</summary>
    public Share Open() => new(this);

    /// <summary>What a body has; it is given back when it is disposed.</summary>
    internal sealed class Share(BodyBudget budget) : IDisposable
    {
        private long _has;

        /// <summary>Makes it as many bytes; false, and nothing changes, where there is no room.</summary>
        public bool TryGrow(long bytes)
        {
            long more = bytes - _has;
            if (Interlocked.Add(ref budget._taken, more) > budget.RoomFor(bytes))
            {
                Interlocked.Add(ref budget._taken, -more);
                return false;
            }

            _has = bytes;
            return true;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Interlocked.Add(ref budget._taken, -_has);
            _has = 0;
        }
    }
}
