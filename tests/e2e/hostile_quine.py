def quine() -> bytes:
    return b""
