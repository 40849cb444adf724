namespace CiMetrics.Exposition;

/// <summary>What one gather writes. Exemplars and created timestamps exist in OpenMetrics only.</summary>
internal readonly record struct GatherMode(bool OpenMetrics, bool Exemplars, bool Created);
