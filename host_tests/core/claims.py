"""A replacement for pytest.raises that runs on every interpreter."""


def raised(error, function, *args):
    """Return the `error` that function(*args) raises. AssertionError if it raises none."""
    try:
        result = function(*args)
    except error as e:
        return e
    raise AssertionError("%s was not raised; the result is %r" % (error.__name__, result))
