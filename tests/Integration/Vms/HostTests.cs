using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.Host;
using Omnibus.Core.Vms.State;

namespace Omnibus.Tests.Integration.Vms;

public sealed class HostTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vmhost-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task The_tiny_guest_does_its_work_under_TCG() =>
        Assert.Null(await KvmProbe.RunAsync(Accelerator.Tcg, _root, TimeSpan.FromSeconds(60)));

    [Fact]
    public async Task A_guest_that_takes_too_long_is_no_guest()
    {
        string? reason = await KvmProbe.RunAsync(Accelerator.Tcg, _root, TimeSpan.FromMilliseconds(1));
        Assert.NotNull(reason);
        Assert.Empty(Directory.EnumerateFiles(_root));
    }

    [Fact]
    public async Task Auto_takes_KVM_exactly_where_a_guest_ran_and_says_why_not_elsewhere()
    {
        var check = new VmHostCheck(new VmDirectory(Path.Combine(_root, "data"), Path.Combine(_root, "cache"), Path.Combine(_root, "run")));
        (Accelerator accelerator, string? reason) = await check.ChooseAsync(Accelerator.Auto, VmHostCheck.HostArchitecture);
        Assert.Equal(accelerator == Accelerator.Tcg, reason is not null);
        if (accelerator == Accelerator.Tcg)
        {
            OmnibusException error = await Assert.ThrowsAsync<OmnibusException>(() => check.ChooseAsync(Accelerator.Kvm, VmHostCheck.HostArchitecture));
            Assert.Equal("KvmUnusable", error.Id);
        }

        Assert.Equal(Accelerator.Tcg, (await check.ChooseAsync(Accelerator.Auto, "arm64")).Accelerator);
    }
}
