using CiMetrics.Receiver.Naming;

namespace CiMetrics.Receiver.Events;

/// <summary>A job that has ended, checked and in the receiver's own words; not yet counted.</summary>
/// <param name="Name">The job's name as metrics carry it.</param>
/// <param name="Project">The project, a label value.</param>
/// <param name="Status">One of <see cref="JobStatus.All"/>.</param>
/// <param name="Seconds">How long it took; null where that is not known.</param>
/// <param name="Key">What tells a repetition; null: every delivery counts.</param>
/// <param name="Warnings">What the sender should know.</param>
internal sealed record JobEvent(JobName Name, string Project, string Status, double? Seconds, EventKey? Key, IReadOnlyList<Warning> Warnings);
