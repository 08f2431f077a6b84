"""Finds things on the page and at its server, and prepares them."""

import json
from pathlib import Path

from rooms.clients import state_of

# So that a hung test fails. It is not a measurement.
ANSWER_S = 20

LONG = "an_unbroken_name_that_is_as_long_as_the_server_lets_any_name_be_"
HOSTILE = '<img src=x onerror="window.hacked=1">'
# Render all cards, not only the visible ones.
RENDER_ALL = """() => document.styleSheets[0].insertRule(
    ".device { content-visibility: visible !important }")"""
# Pictures for people to look at. git ignores this folder.
SHOTS = Path(__file__).parents[2] / "build/dashboard"
# It changes the direction of the text after it.
TURNED = "\u202egnp.exe\u2066 \u202dabc"


def card(device):
    return f"article.device[data-device={json.dumps(device)}]"


def tile(device, name):
    return f"{card(device)} .value[data-name={json.dumps(name)}]"


def value(device, name, text=None):
    row = f"{tile(device, name)} .reading"
    return row if text is None else f"{row} >> text=/^{text}$/"


def control(device, name):
    return f"{card(device)} .control[data-name={json.dumps(name)}]"


def answer(device, text=""):
    return f"{card(device)} .answer >> text={text}" if text else f"{card(device)} .answer"


def names(page):
    """The names on the visible cards, in their order."""
    return page.locator(".device:not([hidden]) .name").all_text_contents()


def overflow(page):
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def points(page):
    """How many points the chart draws."""
    return int(page.get_attribute("#plot", "data-points") or 0)


def shown(page):
    """(from, to) of the chart, in ms."""
    box = page.locator("#plot")
    return int(box.get_attribute("data-from")), int(box.get_attribute("data-to"))


def wait_view(page, view):
    page.wait_for_selector(f"#plot[data-view={view}]")


def wait_points(page, least):
    page.wait_for_function(
        "(least) => Number(document.getElementById('plot').dataset.points) >= least", arg=least
    )


def wait_length(page, ms):
    """Wait until the chart shows so much time, and all that it needs has come."""
    page.wait_for_function(
        """(ms) => { const { from, to, asking } = document.getElementById("plot").dataset;
            return asking === "false" && Math.abs(to - from - ms) < ms / 50; }""",
        arg=ms,
    )


def choose(page, room, chosen):
    """Let the page, which is not open yet, have these [{device, name}] in its chart."""
    kept = json.dumps(json.dumps(chosen))
    page.add_init_script(f"localStorage.setItem('chart main/{room}', {kept})")


def be_late(page, kind):
    """Let the page hear nothing of what others change, before it has sent its own change."""
    page.evaluate(
        """(kind) => { const { send } = WebSocket.prototype;
            const read = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data").get;
            Object.defineProperty(MessageEvent.prototype, "data", { get() {
                const text = read.call(this);
                const isOfOthers = text.startsWith(`{"type":"${kind}"`) && !text.includes("stale");
                return isOfOthers && !window.sent ? "{}" : text; } });
            WebSocket.prototype.send = function (text) {
                window.sent ||= text.includes(`"${kind}"`); send.call(this, text); }; }""",
        kind,
    )


def set_alert(page, device, name, limit, kind="above"):
    page.click(f"{card(device)} .alert-button")
    page.click("#alert-add")
    page.select_option("#rule-kind", kind)
    page.select_option("#rule-name", name)
    page.fill("#rule-limit", limit)
    page.click("#alert-save")
    page.wait_for_selector("#alert-rules li")


def rules_of(server, room):
    """The rules of alerts that the server keeps."""
    return state_of(server, room)["alerts"]["rules"]
