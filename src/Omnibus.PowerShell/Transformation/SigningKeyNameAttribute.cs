using System.Collections;
using System.Management.Automation;
using Omnibus.Core.Signing;

namespace Omnibus.PowerShell.Transformation;

/// <summary>Takes key objects where keys are named: PowerShell would make a text of them that names nothing.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SigningKeyNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => Unwrap(inputData) switch
    {
        SigningKey key => key.Fingerprint,
        IList list and not byte[] => list.Cast<object?>().Select(item => Unwrap(item) is SigningKey key ? key.Fingerprint : item).ToArray(),
        _ => inputData,
    };

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
