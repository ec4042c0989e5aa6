using System.Text.Json;
using Omnibus.Core.Processes;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Tests.Integration.Fixtures;
using Omnibus.Tests.Unit.Repositories;

namespace Omnibus.Tests.Integration.S3;

/// <summary>The cmdlets on repositories in a bucket, with a profile and an endpoint.</summary>
[Collection(CephCollection.Name)]
public sealed class CmdletTests(CephGateway gateway) : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private PublishSandbox _sandbox = null!;
    private Repository _source = null!;

    public async Task InitializeAsync()
    {
        _sandbox = await PublishSandbox.CreateAsync();
        _source = await _sandbox.FilledAsync("source", "alpha", "beta");
        await RepositorySandbox.ImportAsync(_source, await _sandbox.DebAsync("alpha", "1.1-1"));
    }

    public Task DisposeAsync()
    {
        _sandbox.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Every_repository_command_takes_an_address()
    {
        string bucket = $"test-{Guid.NewGuid():n}";
        JsonElement seen = await PowerShellProgram.ReadAsync(Prologue(gateway.Endpoint, $"s3://{bucket}/stable") + """
            $seen = [ordered]@{}
            $seen.Policy = (Set-RepositoryBucketPolicy $place -CreateBucket -PassThru @account | ConvertFrom-Json).Statement.Resource
            $seen.Published = (Publish-Repository $source -Destination $place -Channel '' @s3).Added
            $seen.Again = Publish-Repository $source -Destination $place -Channel '' @s3 | Select-Object Added, Unchanged, Requests
            $seen.Packages = @(Get-RepoPackage $place @s3 | ForEach-Object ToString)
            $seen.Checkpoint = (Checkpoint-Repository $place -Name before @s3).Name
            $seen.Removed = (Remove-RepoPackage $place beta -PassThru @s3).Removed
            $seen.WithoutBeta = @(Get-RepoPackage $place @s3 | ForEach-Object ToString)
            Restore-Repository $place before @s3
            $seen.Restored = @(Get-RepoPackage $place @s3 | ForEach-Object ToString)
            $seen.Checkpoints = @((Get-Repository $place -ListCheckpoint @s3).Name)
            $seen.Cleared = (Clear-Repository $place -KeepNewest 1 -PassThru @s3).Changes.Package.ForEach('ToString')
            $seen.InCheckpoint = @(Get-RepoPackage $place -Checkpoint before @s3).Count
            Update-Repository $place -Description 'Published by the tests' @s3
            $seen.Description = (Get-Repository $place @s3).Configuration.Description
            $next = $place -replace 'stable$', 'next'
            $null = Copy-Repository $place $next @s3
            $seen.Copied = (Copy-RepoPackage $place alpha -Destination $next -PassThru @s3).Added
            $seen.Moved = (Get-RepoPackage $place beta @s3 | Move-RepoPackage -Destination $next -PassThru @s3).Added
            $seen.Left = @((Get-RepoPackage $place @s3).Name)
            $seen.Next = @((Get-RepoPackage $next @s3).Name)
            $seen.Good = @(Test-Repository $place, $next @s3)
            $seen.Saved = (Save-RepoPackage $next alpha -Destination $scratch @s3).Name
            $seen.Mirrored = (Publish-Repository $next -Destination ($place -replace 'stable$', 'mirror') -Channel '' @s3).Added
            $seen.Fetched = (Publish-Repository $next -Destination "$scratch/fetched" -Channel '' @s3).Added
            $seen.Here = @((Get-RepoPackage "$scratch/fetched").Name)
            $seen | ConvertTo-Json -Depth 4
            """, _folder, Account());
        Assert.Contains($"arn:aws:s3:::{bucket}/stable/*", seen.GetProperty("Policy").ToString(), StringComparison.Ordinal);
        Assert.Equal(3, seen.GetProperty("Published").GetInt32());
        Assert.Equal(3, seen.GetProperty("Again").GetProperty("Unchanged").GetInt32());
        Assert.InRange(seen.GetProperty("Again").GetProperty("Requests").GetInt32(), 1, 3);
        string[] all = ["alpha 1.0-1 amd64", "alpha 1.1-1 amd64", "beta 1.0-1 amd64"];
        Assert.Equal(all, Texts(seen, "Packages"));
        Assert.Equal("before", seen.GetProperty("Checkpoint").GetString());
        Assert.Equal(1, seen.GetProperty("Removed").GetInt32());
        Assert.Equal(all[..2], Texts(seen, "WithoutBeta"));
        Assert.Equal(all, Texts(seen, "Restored"));
        Assert.Equal(["before"], Texts(seen, "Checkpoints"));
        Assert.Equal([all[0]], Texts(seen, "Cleared"));
        Assert.Equal(3, seen.GetProperty("InCheckpoint").GetInt32());
        Assert.Equal("Published by the tests", seen.GetProperty("Description").GetString());
        Assert.Equal((1, 1), (seen.GetProperty("Copied").GetInt32(), seen.GetProperty("Moved").GetInt32()));
        Assert.Equal(["alpha"], Texts(seen, "Left"));
        Assert.Equal(["alpha", "beta"], Texts(seen, "Next"));
        Assert.Equal(["True", "True"], Texts(seen, "Good"));
        Assert.Equal("alpha_1.1-1_amd64.deb", seen.GetProperty("Saved").GetString());
        Assert.Equal((2, 2), (seen.GetProperty("Mirrored").GetInt32(), seen.GetProperty("Fetched").GetInt32()));
        Assert.Equal(["alpha", "beta"], Texts(seen, "Here"));
    }

    [Fact]
    public async Task What_if_shows_the_plan_and_sends_nothing()
    {
        S3Location place = await gateway.NewBucketAsync();
        await PublishSandbox.PublishAsync(await _sandbox.FilledAsync("first", "alpha", "gamma"), place.ToString(), gateway.Connect());
        using (var store = new S3Store(place, gateway.Connect()))
        {
            await new RepositoryCheckpoints(await Repository.OpenAsync(store, _sandbox.Context, default)).CreateAsync("before", default);
        }

        using var proxy = new FaultProxy(gateway.Endpoint);
        ProgramResult result = await PowerShellProgram.RunAsync(Prologue(proxy.Endpoint, place.ToString()) + """
            $WhatIfPreference = $true
            $plan = Publish-Repository $source -Destination $place -Channel '' @s3
            Set-RepositoryBucketPolicy $place @account
            Remove-RepoPackage $place * @s3
            Checkpoint-Repository $place -Name after @s3
            Restore-Repository $place before @s3
            Clear-Repository $place -KeepNewest 1 @s3
            Update-Repository $place -Description other @s3
            Copy-RepoPackage $place alpha -Destination $source @s3
            Copy-RepoPackage $source beta -Destination $place @s3
            Move-RepoPackage $place alpha -Destination $source @s3
            Copy-Repository $place "$place-copy" @s3
            Remove-Repository $place @s3
            $WhatIfPreference = $false
            $plan.Changes.Package.ForEach('ToString') | ConvertTo-Json | Set-Content "$scratch/plan.json"
            """, _folder, Account());
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        JsonElement seen = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "scratch/plan.json"))).RootElement;
        Assert.Equal(["alpha 1.1-1 amd64", "beta 1.0-1 amd64"], seen.EnumerateArray().Select(p => p.GetString()!));
        Assert.NotEmpty(proxy.Requests);
        Assert.DoesNotContain(proxy.Requests, request => request.IsWrite);
    }

    [Fact]
    public async Task No_secret_is_ever_printed()
    {
        S3Location place = await gateway.NewBucketAsync();
        ProgramResult result = await PowerShellProgram.RunAsync(Prologue(gateway.Endpoint, place.ToString()) + $$"""
            $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
            $ErrorActionPreference = 'Continue'
            $everything = & {
                Publish-Repository $source -Destination $place -Channel '' @s3
                Get-RepoPackage $place @s3 | Format-List -Property *
                Get-Repository $place @s3 | Format-List -Property *
                Set-RepositoryBucketPolicy $place -PassThru @account
                $wrong = $s3.Clone()
                $wrong.ProfileName = '{{CephGateway.WrongSecretProfile}}'
                Publish-Repository $source -Destination $place -Channel '' @wrong
                Get-RepoPackage $place @wrong
                $wrong.ProfileName = '{{CephGateway.StrangerProfile}}'
                Remove-RepoPackage $place beta @wrong
                $Error | ForEach-Object { Get-Error -InputObject $_ }
            } *>&1 | Out-String -Width 4000
            $everything
            """, _folder, Account());
        string output = result.StandardOutput + result.StandardError;
        Assert.Contains("StoreCredentialsRefused", output, StringComparison.Ordinal);
        Assert.Contains("StoreAccessDenied", output, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.SecretKey, output, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.WrongSecret, output, StringComparison.Ordinal);
    }

    private string Prologue(Uri endpoint, string place) => $$"""
        $source = '{{_source.Location}}'
        $place = '{{place}}'
        $scratch = '{{_folder.Folder("scratch")}}'
        $account = @{ EndpointUrl = '{{endpoint}}'; ProfileName = '{{CephGateway.Profile}}' }
        $s3 = $account + @{ KeyStore = '{{_sandbox.KeyFolder}}' }

        """;

    // Nothing but the profile tells who we are.
    private Dictionary<string, string?> Account() => new() { ["AWS_SHARED_CREDENTIALS_FILE"] = gateway.CredentialsFile, ["AWS_EC2_METADATA_DISABLED"] = "true" };

    private static string[] Texts(JsonElement seen, string name) =>
        seen.GetProperty(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(v => v.ToString())] : [seen.GetProperty(name).ToString()];
}
