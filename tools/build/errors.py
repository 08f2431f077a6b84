"""The error of the build."""


class BuildError(Exception):
    """The sources can't be joined like this. The text says where, and what to do."""
