"""Parts of the library that are installed apart: what to say when one is used and is not there.

Each begins with a look at the version of the library here, since a board may get one without the
other. It says itself that it does not fit: of an older library it can import nothing but that
version. The versions are in quotes, by which `absent` knows that the part is there.
"""

_FROM = "github:partysocket/partysocket-micropython/lib/"  # `make manifest` writes it


def line(name):
    """The command that installs the part `name`, in the form that this library itself has."""
    form = "mpy/" if globals().get("__file__", "").endswith(".mpy") else ""
    return "mpremote mip install %s%s%s.json" % (_FROM, form, name)


def fetch():
    """The function of the part of that name."""
    try:
        from .fetch import fetch
    except ImportError as e:
        raise absent("fetch", e)
    return fetch


def absent(name, error):
    """What to raise for an ImportError of the part `name`: the line that installs it, if it is
    that which is missing.
    """
    text = str(error)
    if "'" in text and "'partysocket.%s'" % name not in text:
        return error  # something that the part itself needs
    return ImportError(
        "partysocket.%s is a part of its own, and not here: %s" % (name, line(name))
    )
