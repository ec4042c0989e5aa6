using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Omnibus.Core.Processes;
using Omnibus.Core.Recipes;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Guests;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.Machines;
using Omnibus.Core.Vms.Testing;
using Omnibus.Tests.Integration.Fixtures;
using Xunit.Abstractions;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>The whole way in one go: a recipe's packages from a signed repository into a real guest, and what a day may do to that guest.</summary>
[Collection(VmSuite.Name)]
[Trait("Suite", "Vm")]
public sealed class ProofTests(VmFixture vm, ITestOutputHelper output) : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();

    public void Dispose()
    {
        _client.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task The_example_is_installed_and_answers_the_host_survives_being_broken_and_boots_from_a_converted_disk()
    {
        string recipe = await BuildAsync();
        TestRepository repository = await TestRepository.CreateAsync(_scratch);
        await repository.PublishAsync(Directory.GetFiles(_scratch.PathOf("dist", string.Empty), "*.deb"));
        Done("packages built and published");

        int port = FreePort.Next();
        var address = new Uri($"http://127.0.0.1:{port}");
        await vm.CreateAsync("app", request => request with { PortForwards = [new PortForward(port, 8480)] });
        await StartAsync("app");
        await new VmCheckpoints(vm.Machines).TakeAsync("app", "clean");
        Done("booted, with a live checkpoint");

        // Installed by apt with signatures on; the recipe's own tests hold, its service and URL among them.
        var checks = new List<PackageTestCheck>();
        await new PackageInstallTest(new VmTestTarget(vm.Machines, "app", "clean", VmFixture.Patience), checks.Add).RunAsync(new PackageTestRequest
        {
            Repository = await repository.AsSeenByGuestsAsync(),
            Names = ["notes-node", "notes-cli"],
            Tests = Recipe.Load(recipe).Plan("debian-12").Tests,
            KeepInstalled = true,
        });
        Assert.All(checks, check => Assert.True(check.Result == PackageTestResult.Passed, $"{check.Check}: {check.Detail}\n{check.Transcript}"));
        Assert.Contains(checks, check => check.Check == "service notes.service active");
        Assert.Contains(checks, check => check.Check == "url: http://127.0.0.1:8480/health");
        Done("installed and checked");

        // The service is reached from the host through the forwarded port.
        await RunAsync("app", "sed -i 's/^host = .*/host = 0.0.0.0/' /etc/notes/notes.conf && systemctl restart notes.service && timeout 120 bash -c 'until (: < /dev/tcp/127.0.0.1/8480) 2> /dev/null; do sleep 0.2; done'");
        Assert.Equal("ok", await HealthAsync(address));
        await RunAsync("app", "notes add 'buy coffee'");
        Done("reached from the host");

        // Broken past repair, and whole again with its service running.
        await new VmCheckpoints(vm.Machines).TakeAsync("app", "installed");
        await RunAsync("app", "systemctl stop notes.service; rm -rf /opt/notes /etc/notes /var/lib/dpkg /usr/bin/apt* /lib/systemd/system");
        await Assert.ThrowsAnyAsync<Exception>(() => HealthAsync(address));
        BuildVm restored = await new VmCheckpoints(vm.Machines).RestoreAsync("app", "installed", VmFixture.Patience);
        Assert.Equal(VmState.Running, restored.State);
        Assert.Equal("ok", await HealthAsync(address));
        Assert.Contains("buy coffee", await RunAsync("app", "dpkg --verify notes-node && notes list"), StringComparison.Ordinal);
        Done("broken and restored");

        // The guest hears the power button.
        BuildVm stopped = await new VmStop(vm.Machines).StopAsync("app", VmFixture.Patience);
        Assert.Equal(VmState.Stopped, stopped.State);
        Assert.Null(stopped.LastError);
        Done("shut down by ACPI");

        foreach (string format in new[] { "vdi", "vmdk", "vhdx", "raw" })
        {
            string converted = _scratch.PathOf($"disk.{format}");
            await new VmDisks(vm.Machines).ConvertAsync("app", converted, format);
            await ProgramRunner.RunAsync(new ProgramCommand("qemu-img", ["compare", "-q", "-f", "qcow2", "-F", format, vm.Machines.Files("app").Disk, converted]));
            Done($"converted to {format}, of the same content");
        }

        BaseImage image = await new CloudImages(vm.Machines).GetAsync(new CloudImageRequest(_scratch.PathOf("disk.raw")) { Kernel = vm.Image.Kernel, Initrd = vm.Image.Initrd });
        try
        {
            await new VmCreation(vm.Machines).CreateAsync(new VmCreationRequest("converted", image) { PortForwards = [new PortForward(port, 8480)] });
            await StartAsync("converted");
            await RunAsync("converted", "timeout 120 bash -c 'until (: < /dev/tcp/127.0.0.1/8480) 2> /dev/null; do sleep 0.2; done'");
            Assert.Equal("ok", await HealthAsync(address));
            Assert.Contains("buy coffee", await RunAsync("converted", "notes list"), StringComparison.Ordinal);
            Assert.Equal("converted", await RunAsync("converted", "hostname"));
            Done("booted from the converted disk");
        }
        finally
        {
            await new VmStop(vm.Machines).RemoveAsync("converted", force: true);
            await new VmStop(vm.Machines).RemoveAsync("app", force: true);
            Directory.Delete(image.Folder, recursive: true);
        }
    }

    private async Task<string> BuildAsync()
    {
        _ = NotesExample.Wheelhouse;
        // Two folders down: the recipe's own repository lies at ../../out.
        string example = Path.Combine(_scratch.Folder("examples"), "notes");
        await ProgramRunner.RunAsync(new ProgramCommand("cp", ["-a", NotesExample.Folder, example]));
        string recipe = Path.Combine(example, "omnibus.yml");
        OmnibusProgram.Result built = await OmnibusProgram.RunAsync(
            ["run", recipe, "--distribution", "debian-12", "--destination", _scratch.PathOf("dist", string.Empty)],
            new Dictionary<string, string> { ["XDG_CACHE_HOME"] = _scratch.PathOf("cache") });
        Assert.True(built.ExitCode == 0, built.ToString());
        return recipe;
    }

    private Task StartAsync(string name) =>
        new VmStart(vm.Machines).StartAsync(name, new VmStartOptions { Wait = true, Timeout = VmFixture.Patience });

    private async Task<string> RunAsync(string name, string script)
    {
        GuestCommandResult result = await vm.Guest.RunAsync(name, new GuestCommand(script) { Timeout = VmFixture.Patience });
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput.TrimEnd('\n');
    }

    private async Task<string?> HealthAsync(Uri address)
    {
        using HttpResponseMessage answer = await _client.GetAsync(new Uri(address, "/health"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())?["status"]?.GetValue<string>();
    }

    private void Done(string what) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,6:F1} s  {what}"));
}
