using System.Buffers;
using System.IO.Hashing;

namespace Omnibus.Core.Repositories.Indexes;

/// <summary>How an index of small records is written: where one ends, what orders them, and what becomes of two with one key.</summary>
internal abstract class RecordFormat
{
    /// <summary>One record in so many begins a new part of a compressed index. Which ones depends on the record's key alone.</summary>
    protected abstract ulong PartRecords { get; }

    /// <summary>Length of the record that the bytes begin with, its end included.</summary>
    /// <exception cref="InvalidDataException">They do not begin with a record of this form.</exception>
    public abstract int LengthOf(ReadOnlySpan<byte> bytes);

    /// <summary>What orders a record, bytewise; only one record has it.</summary>
    /// <exception cref="InvalidDataException">It is no record of this form.</exception>
    public abstract ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> record);

    /// <summary>Makes one record of two that have the same key.</summary>
    public abstract void Combine(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ArrayBufferWriter<byte> target);

    /// <summary>Whether the record with a key begins a new part.</summary>
    public bool BeginsPart(ReadOnlySpan<byte> key) => XxHash3.HashToUInt64(key) % PartRecords == 0;

    /// <summary>The error of an index in another form: it is made anew from the packages.</summary>
    public static InvalidDataException Foreign() => new("The index was written by another program.");
}

/// <summary>Takes something out of the records of an index.</summary>
internal abstract class RecordFilter
{
    /// <summary>Whether a record holds what is to go.</summary>
    public abstract bool Touches(ReadOnlySpan<byte> record);

    /// <summary>Writes what is left of such a record; nothing when it goes altogether.</summary>
    public abstract void Rewrite(ReadOnlySpan<byte> record, ArrayBufferWriter<byte> target);
}
