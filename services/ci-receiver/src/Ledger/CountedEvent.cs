using CiMetrics.Receiver.Events;

namespace CiMetrics.Receiver.Ledger;

/// <summary>
/// What one event adds to the ledger: decided once, stored as it is and never decided again, so that a restart with
/// other limits gives the same figures.
/// </summary>
/// <param name="Name">The name of its series.</param>
/// <param name="Original">The name that it was made of.</param>
/// <param name="Project">The project of its series.</param>
/// <param name="Status">The status of its series.</param>
/// <param name="Seconds">What the histogram gets; null: nothing.</param>
/// <param name="Key">What is remembered; null: nothing.</param>
internal readonly record struct CountedEvent(string Name, string Original, string Project, string Status, double? Seconds, EventKey? Key);
