"""Functions that look at each byte: the mask of RFC 6455 5.3, and the ASCII check. They are native
code where the platform has viper.
"""

try:
    from .native import is_ascii, mask  # noqa: F401 (others take them from here)
# The platform has no native code, or the .mpy file is for another processor.
except (ImportError, NameError, SyntaxError, ValueError):
    from .soft import is_ascii, mask  # noqa: F401
