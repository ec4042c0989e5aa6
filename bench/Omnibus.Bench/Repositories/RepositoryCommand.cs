namespace Omnibus.Bench.Repositories;

/// <summary>The measured processes of our side: <c>repository make|index|metadata|engine|publish|add ...</c>.</summary>
internal static class RepositoryCommand
{
    /// <summary>Does one of them.</summary>
    public static Task RunAsync(string[] arguments) => arguments[0] switch
    {
        "make" => RepositoryWork.MakePackagesAsync(arguments[1], arguments[2], Number(arguments[3]), Number(arguments[4])),
        "index" => RepositoryWork.IndexAsync(arguments[1]),
        "metadata" => RepositoryWork.MetadataAsync(arguments[1], arguments[2]),
        "engine" => RunningEngine.RunAsync(arguments[1], arguments[2], arguments[3], arguments[4], Number(arguments[5])),
        "publish" => RepositoryWork.PublishAsync(arguments[1], arguments[2]),
        "add" => RepositoryWork.AddEachAsync(arguments[1], arguments[2..]),
        _ => throw new ArgumentException($"unknown work '{arguments[0]}'"),
    };

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
