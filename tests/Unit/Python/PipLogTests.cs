using Omnibus.Core.Diagnostics;
using Omnibus.Core.Python;

namespace Omnibus.Tests.Unit.Python;

public class PipLogTests
{
    private static readonly PythonEnvironmentSpec s_spec = new() { Interpreter = "/usr/bin/python3", EnvironmentPath = "/opt/x", WheelDirectories = ["./wheelhouse"] };

    [Theory]
    [InlineData("ERROR: Could not find a version that satisfies the requirement MarkupSafe==2.1.2 (from versions: none)\nERROR: No matching distribution found for MarkupSafe==2.1.2", "PipFailed", ErrorKind.ProgramFailed, "pip could not install 'MarkupSafe==2.1.2': no wheel or source in ./wheelhouse.")]
    [InlineData("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "DiskFull", ErrorKind.Storage, "the disk is full")]
    [InlineData("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated\n    a==1 from file:///x (from -r y (line 1)):\n        Expected sha256 aa\n             Got        bb", "PythonHashMismatch", ErrorKind.Security, "does not have the hash")]
    [InlineData("ERROR: Failed building wheel for broken", "PipFailed", ErrorKind.ProgramFailed, "pip could not build broken from its source.")]
    [InlineData("ERROR: ResolutionImpossible: for help visit", "PipFailed", ErrorKind.ProgramFailed, "contradict each other")]
    [InlineData("something new", "PipFailed", ErrorKind.ProgramFailed, "pip ended with exit code 2")]
    public void A_failure_is_said_in_one_line_with_the_end_of_the_log(string log, string id, ErrorKind kind, string message)
    {
        var reader = new PipLog("notes 1.4.0 for debian-12", s_spec);
        foreach (string line in log.Split('\n'))
        {
            reader.Add(line);
        }

        OmnibusException error = reader.Failure(2);
        Assert.Equal((id, kind), (error.Id, error.Kind));
        Assert.StartsWith("notes 1.4.0 for debian-12: ", error.Message);
        Assert.Contains(message, error.Message.Split('\n')[0], StringComparison.Ordinal);
        Assert.EndsWith(log.Split('\n')[^1].TrimStart(), error.Message);
    }

    [Theory]
    [InlineData("Collecting MarkupSafe==2.1.2", "MarkupSafe 2.1.2")]
    [InlineData("Processing /.omnibus-build/python/wheelhouse-1/Jinja2-3.1.2.tar.gz (from -r x)", "Jinja2 3.1.2")]
    [InlineData("  Building wheel for notes (pyproject.toml): started", "notes")]
    [InlineData("Processing ./zope.interface-5.5.2-cp311-cp311-linux_x86_64.whl", "zope.interface 5.5.2")]
    public void What_pip_works_on_is_told(string line, string shown)
    {
        string? seen = null;
        new PipLog("x", s_spec) { OnDistribution = name => seen = name }.Add(line);
        Assert.Equal(shown, seen);
    }
}
