"""The user's data folder, and the files there: the readings, if no option names a file for them,
and the token of `--lan`.
"""

from .schema import StoreError

_FOR_READINGS = "give a file with --db, or --memory"


def data_folder(instead):
    """Return the folder's path, and make it if it does not exist. Raises StoreError, whose text
    ends with what to do `instead`.
    """
    try:
        # Who needs no file of the folder needs no platformdirs.
        from platformdirs import user_data_path
    except ImportError:
        text = f"the package platformdirs is not installed: run `make demo`, or {instead}"
        raise StoreError(text) from None
    try:
        folder = user_data_path("partysocket", appauthor=False)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}; {instead}") from None
    except RuntimeError:
        # A user without a home, as in some containers.
        raise StoreError(f"your data folder is not known: {instead}") from None
    return folder


def default_file():
    """Return the path of the file for readings. Raises StoreError."""
    return str(data_folder(_FOR_READINGS) / "rooms.db")
