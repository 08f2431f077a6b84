"""CircuitPython's `traceback`. MicroPython's function for it is in `sys`, which boot.py keeps."""

real_sys = None


def print_exception(error, value=None, tb=None, limit=None, file=None, chain=True):
    error = value or error
    if file is None:
        real_sys.print_exception(error)
    else:
        real_sys.print_exception(error, file)
