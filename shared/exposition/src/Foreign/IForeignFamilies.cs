namespace CiMetrics.Exposition;

/// <summary>Families of another program's exposition, which a registry serves after its own.</summary>
public interface IForeignFamilies
{
    /// <summary>What the next body has of them, as <see cref="ForeignText.Read"/> made them. Must not wait and not throw.</summary>
    IReadOnlyList<ForeignFamily> Families { get; }

    /// <summary>Tells how many families of the registry had series and were left out of a body, because foreign ones have their names.</summary>
    void Replaced(int families);
}
