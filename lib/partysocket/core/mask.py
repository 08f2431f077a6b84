"""What is done byte by byte: the mask of RFC 6455 5.3, and whether a text is ASCII. In native code
where the platform has viper.
"""

try:
    from .native import is_ascii, mask  # noqa: F401 (others take them from here)
except (ImportError, NameError, SyntaxError, ValueError):  # no native code here, or another's
    from .soft import is_ascii, mask  # noqa: F401
