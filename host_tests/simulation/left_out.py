"""What lives leave out because the library does not stand it yet. A line that is mended goes."""

LEFT_OUT = (
    "unbegun handlers",  # an async handler whose task the loop's end cancels before it began
)
