namespace CiMetrics.Receiver.Ledger;

/// <summary>The whole ledger at one moment.</summary>
/// <param name="Bounds">The histograms' bounds, without +Inf.</param>
/// <param name="Names">All names.</param>
/// <param name="Counters">All counters in the order of their birth.</param>
/// <param name="Durations">All histograms in the order of their birth.</param>
/// <param name="Keys">The keys in the order in which they came.</param>
/// <param name="ForgottenTo">When the newest key came that had to go before its time, milliseconds since 1970; 0: none had to.</param>
internal sealed record LedgerImage(
    IReadOnlyList<double> Bounds,
    IReadOnlyList<NameImage> Names,
    IReadOnlyList<CounterImage> Counters,
    IReadOnlyList<DurationImage> Durations,
    IReadOnlyList<KeyBlock> Keys,
    long ForgottenTo);

/// <summary>A name, the name it was made of, and others that became the same.</summary>
internal sealed record NameImage(string Value, string Original, IReadOnlyList<string> Others);

/// <summary>A counter; born in milliseconds since 1970.</summary>
internal readonly record struct CounterImage(SeriesKey Key, long Born, long Count);

/// <summary>A histogram; born in milliseconds since 1970, counts not cumulative.</summary>
internal sealed record DurationImage(string Name, string Status, long Born, IReadOnlyList<long> Counts, double Sum);

/// <summary>How much is in the ledger.</summary>
/// <param name="Names">Names.</param>
/// <param name="Projects">Projects.</param>
/// <param name="Counters">Counters.</param>
/// <param name="Durations">Histograms.</param>
/// <param name="CollidingNames">Names that stand for more than one.</param>
/// <param name="Keys">Keys that are remembered.</param>
/// <param name="KeysForgottenTo">As in <see cref="LedgerImage"/>.</param>
internal sealed record LedgerFigures(int Names, int Projects, int Counters, int Durations, int CollidingNames, int Keys, long KeysForgottenTo);
