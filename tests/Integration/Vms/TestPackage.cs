using Omnibus.Core.Processes;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>A small package with a service, built by dpkg-deb.</summary>
internal static class TestPackage
{
    /// <summary>Builds greeter of a version.</summary>
    public static async Task<string> BuildAsync(string folder, string version, string unitCommand = "/bin/sleep infinity")
    {
        string tree = Path.Combine(folder, $"tree-{version}");
        Write(tree, "DEBIAN/control", $"Package: greeter\nVersion: {version}\nArchitecture: all\nMaintainer: Example <packages@example.com>\nDescription: greets\n");
        Write(tree, "DEBIAN/postinst", "#!/bin/sh\nset -e\nmkdir -p /var/lib/greeter\necho x > /var/lib/greeter/state\nsystemctl daemon-reload\nsystemctl enable greeter.service\nsystemctl restart --no-block greeter.service\n", executable: true);
        Write(tree, "DEBIAN/prerm", "#!/bin/sh\nset -e\nif [ \"$1\" = remove ]; then systemctl disable greeter.service; if [ -d /run/systemd/system ]; then systemctl stop greeter.service; fi; fi\n", executable: true);
        Write(tree, "usr/bin/greet", $"#!/bin/sh\necho greeter {version}\n", executable: true);
        Write(tree, "lib/systemd/system/greeter.service", $"[Unit]\nDescription=greets\n[Service]\nExecStart={unitCommand}\n[Install]\nWantedBy=multi-user.target\n");
        string file = Path.Combine(folder, $"greeter_{version}_all.deb");
        await ProgramRunner.RunAsync(new ProgramCommand("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", tree, file]));
        return file;
    }

    private static void Write(string tree, string path, string content, bool executable = false)
    {
        string file = Path.Combine(tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        if (executable)
        {
            File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        }
    }
}
