"""Log records as small blocks, and back byte for byte."""

from ._fidelog import Block, DecodeError, Error, __version__, decode, encode, unpack

__all__ = ["Block", "DecodeError", "Error", "__version__", "decode", "encode", "unpack"]
