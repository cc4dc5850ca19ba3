"""Which format a file has, told from its first bytes; the suffix only where these say nothing."""

from __future__ import annotations

_HDF5 = b"\x89HDF\r\n\x1a\n"

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"II\x97\x01", "ser"),
    (0, b"JK\0\x02", "emi"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF8", "gif"),
    (0, b"BM", "bmp"),
    (0, _HDF5, "hdf5"),
    (208, b"MAP", "mrc"),
)

# The name "MAP " came with MRC2014 (and CCP4); older files are known by their suffix alone.
_MRC_SUFFIXES = (".mrc", ".mrcs", ".map", ".rec", ".st", ".ali")

# Formats without a signature of their own, or inside another format: RosettaSciIO reads them.
UNSIGNED_SUFFIXES = (".hspy", ".nxs", ".unf", ".rpl", ".elid", ".sur")

HEAD_BYTES = 4096


def format_of(head: bytes, suffix: str) -> str | None:
    """Name the format of a file.

    Parameters
    ----------
    head : bytes
        The first bytes, up to 4096 of them.
    suffix : str
        Of the file's name, with its dot.

    Returns
    -------
    str or None
        "dm", "ser", "emi", "tiff", "png", "jpeg", "gif", "bmp", "hdf5", "mrc" or
        "rosetta"; None for anything else.
    """
    signed = _signed_format(head)
    if suffix.lower() in UNSIGNED_SUFFIXES and signed in (None, "hdf5"):
        # HyperSpy and NeXus files are HDF5 as well, but only their own reader knows their axes.
        return "rosetta"
    if signed is None and suffix.lower() in _MRC_SUFFIXES and not looks_like_text(head):
        return "mrc"
    return signed


def _signed_format(head: bytes) -> str | None:
    for offset, signature, name in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return name
    # After MRC, whose big-endian header of a very narrow image starts with the same bytes.
    if _is_dm(head):
        return "dm"
    # An HDF5 file may carry a user block of 512 bytes, or of 512 times a power of two.
    if any(head[offset : offset + 8] == _HDF5 for offset in (512, 1024, 2048)):
        return "hdf5"
    return None


def looks_like_text(head: bytes) -> bool:
    """Whether these bytes are text: UTF-8 without control characters."""
    if not head or any(byte < 32 and byte not in b"\t\n\r\f" for byte in head):
        return False
    try:
        # The last character may be cut in its middle.
        head[: max(1, len(head) - 3)].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_dm(head: bytes) -> bool:
    """Whether this is DM3 or DM4: version, length (4 or 8 bytes), byte order; all big-endian."""
    version = int.from_bytes(head[:4], "big")
    if len(head) < 16 or version not in (3, 4):
        return False
    order = head[8:12] if version == 3 else head[12:16]
    return int.from_bytes(order, "big") in (0, 1)
