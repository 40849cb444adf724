namespace CiMetrics.Spacelift.Tests;

public sealed class NativeHeapTests
{
    [Test]
    public void The_C_library_takes_the_limits() => Assert.That(NativeHeap.KeepSmall(), Is.True);
}
