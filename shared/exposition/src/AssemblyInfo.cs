using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("CiMetrics.Exposition.Tests")]
