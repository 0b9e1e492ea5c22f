"""sailpat from Python through ctypes: a small typed class, no dependencies.

    from sailpat import Client, SailPatError

    client = Client()                       # SAIL_BASE_URL, SAIL_CLIENT_ID, SAIL_CLIENT_SECRET
    for token in client.list("me"):
        print(token["name"], token["id"])

The library is found through $SAILPAT_LIBRARY, else by its name where the system looks for libraries.
A call lets other Python threads run while it waits.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

_NAMES = {"win32": "sailpat.dll", "darwin": "libsailpat.dylib"}
_ABI_VERSION = 2


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(os.environ.get("SAILPAT_LIBRARY") or _NAMES.get(sys.platform, "libsailpat.so.0"))
    text, handle = ctypes.c_void_p, ctypes.c_uint64  # a c_char_p would lose the pointer that must be freed
    signatures = {
        "pat_abi_version": (ctypes.c_uint32, []),
        "pat_string_free": (None, [text]),
        "pat_string_len": (ctypes.c_size_t, [text]),
        "pat_client_new": (handle, [ctypes.c_char_p, ctypes.POINTER(text)]),
        "pat_client_call": (text, [handle, ctypes.c_char_p, ctypes.c_char_p]),
        "pat_client_free": (ctypes.c_int32, [handle]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    if library.pat_abi_version() < _ABI_VERSION:
        raise ImportError("the sailpat library is too old")
    return library


_library = _load()


class SailPatError(Exception):
    """A failed call. `code` and `number` are stable; `message`, `status`, `field`, `remedy` say the rest."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]
        self.number: int = error["number"]
        self.message: str = error["message"]
        self.status: int | None = error["status"]
        self.field: str | None = error["field"]
        self.remedy: str | None = error["remedy"]
        self.retryable: bool = error["retryable"]
        self.body: str | None = error["body"]


def _taken(pointer: int) -> Any:
    """Takes a reply over: copies it once, wipes and frees it, gives back its data."""
    try:
        envelope = json.loads(ctypes.string_at(pointer, _library.pat_string_len(pointer)))
    finally:
        _library.pat_string_free(pointer)
    if not envelope["ok"]:
        raise SailPatError(envelope["error"])
    return envelope["data"]


class Client:
    """A client. Settings are those of pat_configure, by name: Client(apiVersion="v2025", timeoutMs=5000)."""

    def __init__(self, **settings: Any) -> None:
        reply = ctypes.c_void_p()
        # Kept first: what could not be made has a handle, too, which is freed like any other.
        self._handle = _library.pat_client_new(_json(settings), ctypes.byref(reply))
        _taken(reply.value or 0)

    def close(self) -> None:
        if getattr(self, "_handle", 0):
            _library.pat_client_free(self._handle)
            self._handle = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def call(self, operation: str, request: dict[str, Any]) -> Any:
        """Runs any operation; a key whose value is None is not sent."""
        given = {key: value for key, value in request.items() if value is not None}
        return _taken(_library.pat_client_call(self._handle, operation.encode(), _json(given)))

    def create(
        self,
        name: str,
        scope: list[str] | None = None,
        validity_seconds: int | None = None,
        expiration_date: str | None = None,
    ) -> dict[str, Any]:
        """Makes a token. The reply's `secret` is never shown again."""
        request = {
            "name": name,
            "scope": scope,
            "accessTokenValiditySeconds": validity_seconds,
            "expirationDate": expiration_date,
        }
        return self.call("create", request)

    def list(self, owner_id: str | None = None, filters: str | None = None) -> list[dict[str, Any]]:
        """Tokens of `me`, of an identity, or of the whole tenant."""
        return self.call("list", {"ownerId": owner_id, "filters": filters})

    def get(self, token_id: str) -> dict[str, Any]:
        return self.call("get", {"id": token_id})

    def update(self, token_id: str, patch: list[dict[str, Any]]) -> dict[str, Any]:
        """Changes a token by JSON Patch."""
        return self.call("update", {"id": token_id, "patch": patch})

    def delete(self, token_id: str) -> None:
        self.call("delete", {"id": token_id})


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
