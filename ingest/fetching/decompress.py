"""Decompress what servers send, in small steps: a response that is small on the wire may expand without end."""

import zlib
from collections.abc import Iterator

_STEP = 65_536  # bytes that one step may produce
_GZIP, _ZLIB, _RAW = 31, 15, -15  # `wbits` of zlib: with gzip's header, with zlib's, without any
_GZIP_MAGIC = b"\x1f\x8b"


def gunzip(data: bytes, limit: int) -> bytes:
    """Decompress a gzip file.

    Args:
        data: the whole file, of one or more members.
        limit: bytes of the decompressed data, at most.

    Raises:
        ValueError: the data is not gzip, or longer than `limit` once it is decompressed.
    """
    decompressed = bytearray()
    try:
        for chunk in decompress(iter([data])):
            decompressed += chunk
            if len(decompressed) > limit:
                raise ValueError(f"more than {limit / 1e6:.1f} MB once decompressed")
    except zlib.error as error:
        raise ValueError(f"its compression is damaged: {error}") from error
    return bytes(decompressed)


def decompress(chunks: Iterator[bytes], *, deflate: bool = False) -> Iterator[bytes]:
    """Decompress gzip, or deflate, at most 64 KB at a time.

    Args:
        chunks: the compressed bytes, as they arrive.
        deflate: the chunks are what servers call deflate: with zlib's header, or without any.

    Raises:
        zlib.error: the data is damaged, or ends too early.
    """
    decompressor, started = zlib.decompressobj(_ZLIB if deflate else _GZIP), False
    for chunk in chunks:
        rest = chunk
        while rest:
            try:
                output = decompressor.decompress(rest, _STEP)
            except zlib.error:
                if started or not deflate:
                    raise
                decompressor = zlib.decompressobj(_RAW)
                output = decompressor.decompress(rest, _STEP)
            started = True
            yield output
            rest = decompressor.unconsumed_tail
            if decompressor.eof:
                rest = b"" if deflate else decompressor.unused_data
                if not rest.startswith(_GZIP_MAGIC):  # padding, not another member of a gzip file
                    break
                decompressor = zlib.decompressobj(_GZIP)
    if started and not decompressor.eof:
        raise zlib.error("it ends too early")
