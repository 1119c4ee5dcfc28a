"""Lines of an activation with the names of buffers in them."""


def filled(arguments: str, buffer: str, scratch: str) -> str:
    """Return a call's arguments, up to its last parenthesis, with the buffers in place of `h` and `t`."""
    words = arguments[:-1].split(", ")
    place = {"h": buffer, "t": scratch, "out=h": f"out={buffer}", "out=t": f"out={scratch}"}
    return ", ".join(place.get(word, word) for word in words) + ")"
