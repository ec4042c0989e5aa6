using System.Globalization;

namespace Omnibus.Bench;

/// <summary>How a benchmark is to be run.</summary>
/// <param name="Runs">Measured runs of each contender; one more comes before them and does not count.</param>
/// <param name="Only">Comparisons whose title holds this text; null for all.</param>
/// <param name="Packages">Packages of the first publication (publish only), to try it small.</param>
internal sealed record BenchOptions(int Runs = 5, string? Only = null, int Packages = 1000)
{
    /// <summary>Reads <c>--runs N</c>, <c>--only TEXT</c> and <c>--packages N</c>.</summary>
    public static BenchOptions Parse(string[] arguments, BenchOptions? defaults = null)
    {
        BenchOptions options = defaults ?? new BenchOptions();
        for (int i = 0; i + 1 < arguments.Length; i += 2)
        {
            options = arguments[i] switch
            {
                "--runs" => options with { Runs = int.Parse(arguments[i + 1], CultureInfo.InvariantCulture) },
                "--only" => options with { Only = arguments[i + 1] },
                "--packages" => options with { Packages = int.Parse(arguments[i + 1], CultureInfo.InvariantCulture) },
                _ => throw new ArgumentException($"unknown option '{arguments[i]}'"),
            };
        }

        return options;
    }
}
