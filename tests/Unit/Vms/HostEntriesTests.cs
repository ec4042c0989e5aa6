using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.Networks;

namespace Omnibus.Tests.Unit.Vms;

public sealed class HostEntriesTests : IDisposable
{
    private const string Others = "127.0.0.1 localhost\n\n# mine\n10.0.0.1  other.example\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("hosts-").FullName;

    private string Hosts => Path.Combine(_folder, "hosts");

    private HostEntries Entries => new(Hosts);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_entry_is_added_after_all_other_lines_and_taken_away_without_a_trace()
    {
        File.WriteAllText(Hosts, Others);
        Entries.Add("192.168.100.10", "vm.example");
        Assert.Equal(Others + "# BEGIN omnibus\n192.168.100.10\tvm.example\n# END omnibus\n", File.ReadAllText(Hosts));
        Assert.True(Entries.Remove("VM.example"));
        Assert.Equal(Others, File.ReadAllText(Hosts));
        Assert.Equal(["hosts"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Adding_again_changes_nothing_and_another_address_replaces()
    {
        File.WriteAllText(Hosts, Others);
        Entries.Add("10.0.0.5", "a");
        Entries.Add("10.0.0.6", "b");
        DateTime written = File.GetLastWriteTimeUtc(Hosts);
        Entries.Add("10.0.0.5", "a");
        Assert.Equal(written, File.GetLastWriteTimeUtc(Hosts));
        Entries.Add("fd00::1", "a");
        Assert.Equal([new HostEntry("fd00::1", "a"), new HostEntry("10.0.0.6", "b")], Entries.List());
    }

    [Fact]
    public void Lines_that_somebody_wrote_below_ours_stay_there()
    {
        File.WriteAllText(Hosts, "a\n# BEGIN omnibus\n10.0.0.5\tx\n# END omnibus\nbelow\n");
        Assert.True(Entries.Remove("x"));
        Assert.Equal("a\nbelow\n", File.ReadAllText(Hosts));
    }

    [Fact]
    public void The_mode_of_the_file_stays()
    {
        File.WriteAllText(Hosts, Others);
        File.SetUnixFileMode(Hosts, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Entries.Add("10.0.0.5", "a");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Hosts));
    }

    [Fact]
    public void A_name_that_is_not_there_is_told() => Assert.False(Entries.Remove("nobody"));

    [Theory]
    [InlineData("10.0.0.5", "a b")]
    [InlineData("10.0.0.5", "a\n10.0.0.6 evil")]
    [InlineData("nowhere", "a")]
    [InlineData("10.0.0.5", "")]
    public void What_is_no_line_of_a_hosts_file_is_refused(string address, string name) =>
        Assert.Equal("HostEntryInvalid", Assert.Throws<OmnibusException>(() => Entries.Add(address, name)).Id);

    [Theory]
    [InlineData("# BEGIN omnibus\n10.0.0.5\tx\n")]
    [InlineData("# END omnibus\n# BEGIN omnibus\n")]
    public void Markers_that_do_not_go_together_are_left_to_a_human(string text)
    {
        File.WriteAllText(Hosts, text);
        Assert.Equal("HostsFileInvalid", Assert.Throws<OmnibusException>(() => Entries.Add("10.0.0.5", "a")).Id);
        Assert.Equal(text, File.ReadAllText(Hosts));
    }
}
