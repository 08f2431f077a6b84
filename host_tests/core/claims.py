"""What pytest.raises is elsewhere."""


def raised(error, function, *args):
    """The `error` that function(*args) raises; AssertionError if it raises none."""
    try:
        result = function(*args)
    except error as e:
        return e
    raise AssertionError("%s was not raised; the result is %r" % (error.__name__, result))
