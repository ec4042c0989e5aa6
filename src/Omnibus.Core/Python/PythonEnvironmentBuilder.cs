using System.Globalization;
using Omnibus.Core.Building;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Python.Checks;

namespace Omnibus.Core.Python;

/// <summary>
/// Builds a Python environment at its final path inside a build root. pip finds and fetches the whole closure first (and holds it against the
/// hashes), source archives are then built one by one at fixed paths, and what is installed are wheels, without a network.
/// </summary>
public sealed class PythonEnvironmentBuilder
{
    private const string Downloads = BuildRootPaths.Python + "/downloads";
    private const string Wheels = BuildRootPaths.Python + "/wheels";
    private const string Sources = BuildRootPaths.Python + "/src";
    private const string Projects = BuildRootPaths.Python + "/projects";
    private const string PipCache = BuildRootPaths.Python + "/cache";

    private readonly PythonEnvironmentSpec _spec;
    private readonly PythonBuildContext _context;
    private readonly IProgress<OperationProgress>? _progress;
    private readonly List<BuildMount> _mounts = [];
    private readonly List<string> _findLinks = [];
    private readonly string _hostEnvironment;
    private PythonInterpreter _interpreter = null!;
    private double _fraction;

    private string Python => _spec.EnvironmentPath + "/bin/python";

    private PythonEnvironmentBuilder(PythonEnvironmentSpec spec, PythonBuildContext context, IProgress<OperationProgress>? progress)
    {
        _spec = spec;
        _context = context;
        _progress = progress;
        _hostEnvironment = Path.Combine(Path.GetFullPath(context.WorkFolder), "environment");
    }

    /// <summary>Builds and checks an environment.</summary>
    /// <param name="spec">What it is to hold.</param>
    /// <param name="context">Where and for whom.</param>
    /// <param name="progress">Told each step and each distribution.</param>
    /// <param name="cancellationToken">Ends pip and everything that it started.</param>
    /// <exception cref="OmnibusException">
    /// <c>PipFailed</c>, <c>PythonHashMismatch</c>, <c>PythonInputMissing</c>, <c>InterpreterMissing</c>, <c>InterpreterUnusable</c>, <c>DiskFull</c>,
    /// <c>PythonEnvironmentInvalid</c> (a check failed; its findings list all breaches), <c>BuildRootUnavailable</c>.
    /// </exception>
    public static async Task<PythonEnvironment> BuildAsync(
        PythonEnvironmentSpec spec, PythonBuildContext context, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        PythonInputs.Require(spec);
        var builder = new PythonEnvironmentBuilder(spec, context, progress);
        builder._interpreter = await PythonInterpreter.ProbeAsync(context.Root, spec.Interpreter, progress, cancellationToken).ConfigureAwait(false);
        builder.PrepareMounts(cancellationToken);
        await builder.CreateEnvironmentAsync(cancellationToken).ConfigureAwait(false);
        await builder.FetchAsync(cancellationToken).ConfigureAwait(false);
        await builder.BuildWheelsAsync(cancellationToken).ConfigureAwait(false);
        await builder.InstallAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = await builder.CompileAsync(cancellationToken).ConfigureAwait(false);
        return await builder.CheckAsync(findings, cancellationToken).ConfigureAwait(false);
    }

    private string Host(string name) => Directory.CreateDirectory(Path.Combine(_context.WorkFolder, name)).FullName;

    private void PrepareMounts(CancellationToken cancellationToken)
    {
        _mounts.Add(new BuildMount(Directory.CreateDirectory(_hostEnvironment).FullName, _spec.EnvironmentPath, Writable: true));
        _mounts.Add(new BuildMount(Host("downloads"), Downloads, Writable: true));
        _mounts.Add(new BuildMount(Host("wheels"), Wheels, Writable: true));
        _mounts.Add(new BuildMount(Host("src"), Sources, Writable: true));
        if (_context.DownloadCache is { } cache && !_spec.IsOffline)
        {
            _mounts.Add(new BuildMount(Directory.CreateDirectory(cache).FullName, PipCache, Writable: true));
        }

        for (int i = 0; i < _spec.WheelDirectories.Count; i++)
        {
            string inside = string.Create(CultureInfo.InvariantCulture, $"{BuildRootPaths.Python}/wheelhouse-{i + 1}");
            _mounts.Add(new BuildMount(_spec.WheelDirectories[i], inside));
            _findLinks.Add(inside);
        }

        // Requirements files may name others beside them (-r, -c): their folders are shown, read-only, at the same path.
        string[] folders = [.. _spec.RequirementFiles.Concat(_spec.Constraints).Select(f => Path.GetDirectoryName(f)!).Distinct(StringComparer.Ordinal)];
        for (int i = 0; i < folders.Length; i++)
        {
            _mounts.Add(new BuildMount(folders[i], InputFolder(folders, folders[i])));
        }

        // Builders write into a project's folder (build/, egg-info): they get a copy.
        string copies = Host("projects");
        for (int i = 0; i < _spec.Projects.Count; i++)
        {
            SourceCopy.Copy(_spec.Projects[i], Path.Combine(copies, ProjectCopy(i)), cancellationToken);
        }

        _mounts.Add(new BuildMount(copies, Projects, Writable: true));
    }

    private static string InputFolder(string[] folders, string folder) =>
        string.Create(CultureInfo.InvariantCulture, $"{BuildRootPaths.Python}/inputs-{Array.IndexOf(folders, folder) + 1}");

    private async Task CreateEnvironmentAsync(CancellationToken cancellationToken)
    {
        Step("making the environment", 0.02);
        List<string> arguments = ["-m", "venv", "--symlinks", "--without-pip"];
        if (_spec.SystemSitePackages)
        {
            arguments.Add("--system-site-packages");
        }

        ProgramResult result = await RunAsync(_spec.Interpreter, [.. arguments, _spec.EnvironmentPath], network: false, null, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new OmnibusException(
                "VenvFailed",
                ErrorKind.ProgramFailed,
                $"{_context.Subject}: '{_spec.Interpreter} -m venv' ended with exit code {result.ExitCode}.\n{result.StandardError.Trim()}",
                _spec.EnvironmentPath);
        }

        if (_spec.KeepPip)
        {
            // No wheel of pip in the closure: the environment's own is the interpreter's.
            await PipAsync(Python, ["-m", "ensurepip", "--default-pip"], network: false, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        bool projectsLater = _spec.RequireHashes;
        if (_spec.RequirementFiles.Count == 0 && _spec.Packages.Count == 0 && (projectsLater || _spec.Projects.Count == 0))
        {
            return;
        }

        Step("fetching distributions", 0.05);
        List<string> arguments = ["download", "--dest", Downloads, .. SourceOptions()];
        if (_spec.RequireHashes)
        {
            arguments.Add("--require-hashes");
        }

        string[] folders = [.. _spec.RequirementFiles.Concat(_spec.Constraints).Select(f => Path.GetDirectoryName(f)!).Distinct(StringComparer.Ordinal)];
        string Inside(string file) => InputFolder(folders, Path.GetDirectoryName(file)!) + "/" + Path.GetFileName(file);
        arguments.AddRange(_spec.RequirementFiles.SelectMany(f => (string[])["-r", Inside(f)]));
        arguments.AddRange(_spec.Constraints.SelectMany(f => (string[])["-c", Inside(f)]));
        arguments.AddRange(_spec.ExtraPipArguments);
        arguments.AddRange(_spec.Packages);
        if (!projectsLater)
        {
            arguments.AddRange(ProjectFolders());
        }

        await PipAsync(_spec.Interpreter, [.. _interpreter.Pip, .. arguments], network: !_spec.IsOffline, cancellationToken).ConfigureAwait(false);
    }

    private async Task BuildWheelsAsync(CancellationToken cancellationToken)
    {
        string downloads = Host("downloads");
        string wheels = Host("wheels");
        foreach (string file in Directory.GetFiles(downloads).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (name.EndsWith(".whl", StringComparison.Ordinal))
            {
                File.Move(file, Path.Combine(wheels, name));
                continue;
            }

            await BuildWheelAsync(await UnpackAsync(name, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        foreach (string project in ProjectFolders())
        {
            await BuildWheelAsync(project, cancellationToken).ConfigureAwait(false);
        }
    }

    // Source archives are unpacked at a path made of their name, so that it is the same in every build.
    private async Task<string> UnpackAsync(string archive, CancellationToken cancellationToken)
    {
        string stem = archive.EndsWith(".zip", StringComparison.Ordinal) ? archive[..^4] : archive[..archive.LastIndexOf(".tar", StringComparison.Ordinal)];
        string module = archive.EndsWith(".zip", StringComparison.Ordinal) ? "zipfile" : "tarfile";
        string folder = $"{Sources}/{stem}";
        ProgramResult result = await RunAsync(_spec.Interpreter, ["-m", module, "-e", $"{Downloads}/{archive}", folder], network: false, null, cancellationToken).ConfigureAwait(false);
        string host = Path.Combine(Host("src"), stem);
        string[] inside = Directory.Exists(host) ? Directory.GetDirectories(host) : [];
        if (result.ExitCode != 0 || inside.Length == 0)
        {
            throw new OmnibusException(
                "SourceArchiveInvalid",
                ErrorKind.InvalidData,
                $"{_context.Subject}: the source archive {archive} cannot be unpacked.\n{result.StandardError.Trim()}",
                archive);
        }

        return inside.Length == 1 ? $"{folder}/{Path.GetFileName(inside[0])}" : folder;
    }

    private Task BuildWheelAsync(string folder, CancellationToken cancellationToken)
    {
        Step($"pip: building {Path.GetFileName(folder)}", 0.3);
        return PipAsync(
            _spec.Interpreter,
            [.. _interpreter.Pip, "wheel", "--no-deps", "--wheel-dir", Wheels, .. SourceOptions(), folder],
            network: !_spec.IsOffline,
            cancellationToken);
    }

    private async Task InstallAsync(CancellationToken cancellationToken)
    {
        string[] pinned = [.. Directory.GetFiles(Host("wheels"), "*.whl").Order(StringComparer.Ordinal).Select(WheelName.Pin)];
        if (pinned.Length == 0)
        {
            return;
        }

        // By name and version, not by path: pip would write the path into direct_url.json.
        Step("installing", 0.6);
        List<string> arguments =
        [
            "install", "--no-index", "--find-links", Wheels, "--no-deps", "--no-compile", "--no-cache-dir", "--ignore-installed", "--no-warn-script-location",
            .. pinned,
        ];
        (string program, IReadOnlyList<string> all) = InEnvironment(arguments);
        await PipAsync(program, all, network: false, cancellationToken).ConfigureAwait(false);
    }

    // One process in sorted order: what marshal writes depends on which strings the process has seen before.
    private async Task<List<Finding>> CompileAsync(CancellationToken cancellationToken)
    {
        Step("compiling modules", 0.8);
        await RemoveBytecodeAsync(cancellationToken).ConfigureAwait(false);
        var findings = new List<Finding>();
        await RunAsync(
            Python,
            ["-s", "-S", "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash", _spec.EnvironmentPath + "/lib"],
            network: false,
            line =>
            {
                // Templates and modules for other Python versions do not compile; pip tolerates that too.
                const string Error = "*** Error compiling '";
                if (line.StartsWith(Error, StringComparison.Ordinal))
                {
                    findings.Add(new Finding("PythonModuleNotCompiled", FindingSeverity.Information, "is no module of this Python version", _spec.EnvironmentPath, line[Error.Length..].TrimEnd('.', '\'')));
                }
            },
            cancellationToken).ConfigureAwait(false);
        return findings;
    }

    // venv and wheels may bring bytecode of their own, with times in it.
    private Task RemoveBytecodeAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            foreach (string file in Directory.EnumerateFiles(_hostEnvironment, "*.pyc", SearchOption.AllDirectories).ToArray())
            {
                cancellationToken.ThrowIfCancellationRequested();
                File.Delete(file);
            }
        },
        cancellationToken);

    private async Task<PythonEnvironment> CheckAsync(List<Finding> findings, CancellationToken cancellationToken)
    {
        Step("checking the environment", 0.9);
        (string program, IReadOnlyList<string> arguments) = InEnvironment("check");
        ProgramResult check = await RunAsync(program, arguments, network: false, null, cancellationToken).ConfigureAwait(false);
        var scan = new EnvironmentScan(_spec, _hostEnvironment, [BuildRootPaths.Staging, Path.GetFullPath(_context.WorkFolder)])
        {
            PipCheck = check.ExitCode == 0 ? [] : check.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
        PythonEnvironment environment = await Task.Run(() => EnvironmentChecks.Run(scan, _interpreter, findings, cancellationToken), cancellationToken).ConfigureAwait(false);
        Step("environment ready", 1);
        return environment;
    }

    private List<string> SourceOptions()
    {
        List<string> options = [.. _findLinks.SelectMany(f => (string[])["--find-links", f])];
        if (_spec.IsOffline)
        {
            // Build backends come from the machine: a wheel directory seldom holds them.
            options.AddRange(["--no-index", "--no-build-isolation"]);
        }
        else if (_spec.IndexUrl is { } index)
        {
            options.AddRange(["--index-url", index]);
        }

        if (_context.DownloadCache is not null && !_spec.IsOffline)
        {
            options.AddRange(["--cache-dir", PipCache]);
        }
        else
        {
            options.Add("--no-cache-dir");
        }

        return options;
    }

    private IEnumerable<string> ProjectFolders() => _spec.Projects.Select((_, i) => $"{Projects}/{ProjectCopy(i)}");

    // Two projects may have folders of one name.
    private string ProjectCopy(int index) => string.Create(CultureInfo.InvariantCulture, $"{index + 1}/{Path.GetFileName(_spec.Projects[index].TrimEnd('/'))}");

    // pip works on the environment: run from its wheel by the environment's interpreter, else by the machine's with --python (pip 22.3).
    private (string Program, IReadOnlyList<string> Arguments) InEnvironment(params IEnumerable<string> arguments) => _interpreter.Pip[0] == "-m"
        ? (_spec.Interpreter, [.. _interpreter.Pip, "--python", Python, .. arguments])
        : (Python, [.. _interpreter.Pip, .. arguments]);

    private async Task PipAsync(string python, IReadOnlyList<string> arguments, bool network, CancellationToken cancellationToken)
    {
        var log = new PipLog(_context.Subject, _spec) { OnDistribution = name => Step("pip: " + name, null) };
        ProgramResult result = await RunAsync(python, arguments, network, log.Add, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw log.Failure(result.ExitCode);
        }
    }

    private Task<ProgramResult> RunAsync(string program, IReadOnlyList<string> arguments, bool network, Action<string>? onLine, CancellationToken cancellationToken) =>
        _context.Root.RunAsync(
            new BuildCommand(program, arguments)
            {
                Environment = PythonBuildVariables.For(_spec, _context.Timestamp, network),
                Mounts = _mounts,
                Network = network,
                OnLine = onLine,
                WorkingDirectory = BuildRootPaths.Python,
            },
            _progress,
            cancellationToken);

    private void Step(string status, double? fraction)
    {
        // pip says what it is at, not how far it is: the bar stays where it was.
        _fraction = fraction ?? _fraction;
        _progress?.Report(new OperationProgress(_context.Activity, "building environment") { Item = status, Fraction = _fraction });
    }
}
