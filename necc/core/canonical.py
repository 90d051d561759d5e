"""JSON that is the same bytes for the same content, with a checksum inside it that tells whether it was altered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from necc.core.errors import AnalysisError

SEAL = "sha256"
LARGEST = 50_000_000  # bytes: files of aggregates are far smaller


def canonical(content: Mapping[str, Any]) -> bytes:
    """Content as JSON with sorted keys and no blank, in UTF-8.

    Raises:
        ValueError: it holds NaN or an infinity, which JSON hasn't.

    Example:
        >>> from necc.core.canonical import canonical
        >>> canonical({"b": 1, "a": [0.1, None]})
        b'{"a":[0.1,null],"b":1}'
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def seal_of(content: Mapping[str, Any]) -> str:
    """The SHA-256 of all content but the checksum itself."""
    return hashlib.sha256(canonical({key: value for key, value in content.items() if key != SEAL})).hexdigest()


def sealed(content: Mapping[str, Any]) -> bytes:
    """Content with its checksum, as the bytes of a file.

    Example:
        >>> from necc.core.canonical import sealed, unsealed
        >>> unsealed(sealed({"a": 1}), "a.json")["a"]
        1
    """
    return canonical({**content, SEAL: seal_of(content)}) + b"\n"


class Sealed:
    """What is written as one file, the same bytes for the same content, whenever and wherever they are made."""

    def content(self) -> dict[str, Any]:
        """All of it, as it is written, but for the checksum."""
        raise NotImplementedError

    @cached_property
    def sha256(self) -> str:
        """The checksum of the content: whoever has it can tell whether a file is this one."""
        return seal_of(self.content())

    def to_bytes(self) -> bytes:
        """The file's bytes."""
        return sealed(self.content())


def unsealed(data: bytes, name: str) -> dict[str, Any]:
    """The content of a file with a checksum.

    Args:
        data: the file's bytes. name: what to call it.

    Raises:
        AnalysisError: it isn't JSON, isn't one object, or its content isn't what the checksum was made of.
    """
    if len(data) > LARGEST:
        raise AnalysisError(f"'{name}' holds {len(data):,} bytes; a file of aggregates has at most {LARGEST:,}")
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise AnalysisError(f"'{name}' is damaged: it isn't JSON in UTF-8; ask for the file again") from None
    if not isinstance(content, dict):
        raise AnalysisError(f"'{name}' holds no JSON object, and so isn't a file of this program")
    if SEAL not in content:
        raise AnalysisError(f"'{name}' has no checksum (sha256), and so isn't a whole file of this program")
    if content[SEAL] != seal_of(content):
        raise AnalysisError(
            f"'{name}' was altered after it was written: its checksum doesn't fit its content; ask for the file again"
        )
    return content


def _no_number(text: str) -> float:
    raise ValueError(text)
