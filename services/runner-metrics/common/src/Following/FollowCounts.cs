using System.Runtime.InteropServices;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>What a follower has done since it was made.</summary>
/// <param name="Bytes">Bytes read.</param>
/// <param name="Lines">Lines handed on.</param>
/// <param name="CutLines">Those of which the middle was left out because they were too long.</param>
/// <param name="Rotations">Times that another file took the name.</param>
/// <param name="Truncations">Times that the file was emptied or written anew.</param>
/// <param name="Gaps">Times that what came after the last line read could not be found any more: lines were lost.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FollowCounts(long Bytes, long Lines, long CutLines, long Rotations, long Truncations, long Gaps);
