"""The file for readings if no option names one: it is in the user's data folder."""

from .schema import StoreError

_INSTEAD = "give a file with --db, or --memory"


def default_file():
    """Return the file's path, and make its folder if it does not exist. Raises StoreError."""
    try:
        # Who gives --db or --memory needs no platformdirs.
        from platformdirs import user_data_path
    except ImportError:
        text = f"the package platformdirs is not installed: run `make demo`, or {_INSTEAD}"
        raise StoreError(text) from None
    try:
        folder = user_data_path("partysocket", appauthor=False)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}; {_INSTEAD}") from None
    except RuntimeError:
        # A user without a home, as in some containers.
        raise StoreError(f"your data folder is not known: {_INSTEAD}") from None
    return str(folder / "rooms.db")
