using System.Globalization;
using Omnibus.Core.Building;

namespace Omnibus.Core.Python;

/// <summary>The environment variables of pip and the compilers that it starts.</summary>
internal static class PythonBuildVariables
{
    // The machine's way to the network, which only a build with network may know.
    private static readonly string[] s_network =
        ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"];

    /// <summary>Variables for one command.</summary>
    public static IReadOnlyDictionary<string, string> For(PythonEnvironmentSpec spec, DateTimeOffset timestamp, bool network)
    {
        // Times of zip members begin in 1980: a wheel cannot be older.
        long epoch = Math.Max(timestamp.ToUnixTimeSeconds(), 315_619_200);

        // No symbols, no debug information and no build paths: they would differ or lie. The file name macros become relative.
        string map = $"-ffile-prefix-map={BuildRootPaths.Python}/=";
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SOURCE_DATE_EPOCH"] = epoch.ToString(CultureInfo.InvariantCulture),
            ["PYTHONDONTWRITEBYTECODE"] = "1",
            ["PYTHONNOUSERSITE"] = "1",
            ["PYTHONUTF8"] = "1",
            ["PYTHONHASHSEED"] = "0",
            ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1",
            ["PIP_NO_INPUT"] = "1",
            ["PIP_NO_COLOR"] = "1",
            ["PIP_PROGRESS_BAR"] = "off",
            ["PIP_ROOT_USER_ACTION"] = "ignore",
            ["CFLAGS"] = "-g0 " + map,
            ["CXXFLAGS"] = "-g0 " + map,
            ["LDFLAGS"] = "-Wl,--build-id=none -Wl,-s",
            ["RUSTFLAGS"] = $"--remap-path-prefix={BuildRootPaths.Staging}=/build",
            ["GOFLAGS"] = "-trimpath",
        };
        if (network)
        {
            foreach (string name in s_network)
            {
                if (System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                {
                    variables[name] = value;
                }
            }
        }
        else
        {
            variables["PIP_CONFIG_FILE"] = "/dev/null";
        }

        foreach ((string name, string value) in spec.BuildEnvironment)
        {
            // Compiler flags are added to, everything else is replaced.
            variables[name] = name is "CFLAGS" or "CXXFLAGS" or "LDFLAGS" or "RUSTFLAGS" ? variables[name] + " " + value : value;
        }

        return variables;
    }
}
