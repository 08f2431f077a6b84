"""Commands from the page: declared controls, the free form, and the results."""

import signal

import pytest

from .looking import answer, card, control

CONTROLS = [
    {"name": "led", "type": "switch"},
    {"name": "fan", "type": "slider", "min": 0, "max": 100, "step": 5},
    {"name": "restart", "type": "button", "label": "Restart now"},
]
LED = control("porch", "led")


@pytest.fixture
def fan(server, join):
    """A device with one control of each type."""
    device = join(server, "porch")
    device.hello(units={"fan": "%"}, controls=CONTROLS)
    device.read(led=False, fan=40)
    return device


def send(page, device, name, value=""):
    """Send a command with the free form. It is shown on request."""
    if page.is_hidden(f"{card(device)} .command"):
        page.click(f"{card(device)} .more summary")
    page.fill(f"{card(device)} .command-name", name)
    page.fill(f"{card(device)} .command-value", value)
    page.click(f"{card(device)} .command button")


def test_a_switch_waits_for_the_devices_word_and_goes_back_when_that_is_no(server, fan, open_page):
    page = open_page(server)
    page.click(f"{LED} [role=switch]")
    page.wait_for_selector(f"{LED}[data-state=waiting]")
    command = fan.answer(value=True)
    assert (command["name"], command["value"]) == ("led", True)
    page.wait_for_selector(f"{LED}[data-state=ok] [aria-checked=true]")
    # As if a person had pressed a real button.
    fan.read(led=False)
    page.wait_for_selector(f"{LED} [aria-checked=false]")
    page.click(f"{LED} [role=switch]")
    fan.answer(ok=False, error="no lamp")
    page.wait_for_selector(answer("porch", "led: no lamp"))
    page.wait_for_selector(f"{LED}[data-state=error] [aria-checked=false]")


def test_a_slider_sends_when_it_is_let_go_and_is_not_moved_before(server, fan, open_page):
    page = open_page(server)
    slider = page.locator(f"{control('porch', 'fan')} input")
    assert slider.input_value() == "40"
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, y)
    held = slider.input_value()
    assert held != "40"
    fan.read(fan=0, seen=True)
    page.wait_for_selector(f"{card('porch')} .value[data-name=seen]")
    assert slider.input_value() == held
    page.mouse.up()
    assert fan.answer()["value"] == float(held)
    page.wait_for_selector(f"{control('porch', 'fan')}[data-state=ok] output >> text={held} %")


TYPED = {"500": 500, "true": True, "null": None, '"5"': "5", "blue": "blue", "": ...}


def test_the_free_form_is_shown_on_request_and_sends_what_was_typed(server, fan, join, open_page):
    attic = join(server, "attic")
    page = open_page(server)
    page.wait_for_selector(card("attic"))
    assert page.locator(".command:visible").count() == 0
    for typed, sent in TYPED.items():
        send(page, "attic", "colour", typed)
        page.wait_for_selector(answer("attic", "colour: waiting…"))
        command = attic.answer(value=f"done {typed}")
        assert (command["name"], command.get("value", ...)) == ("colour", sent)
        page.wait_for_selector(answer("attic", f"colour: ok, done {typed}"))
        page.wait_for_selector(f"{card('attic')} .answer[data-state=ok]")
    assert page.inner_text(answer("porch")) == ""
    assert page.locator("#command-names option[value=colour]").count() == 1


def test_no_answer_is_said_after_ten_seconds(server, room, fan, new_page):
    page = new_page()
    page.clock.install()
    page.goto(f"{server.url}/?room={room}")
    page.clock.run_for(1000)
    page.wait_for_selector("#status[data-state=open]")
    page.click(f"{LED} [role=switch]")
    page.wait_for_selector(f"{LED}[data-state=waiting]")
    page.clock.run_for(10_000)
    page.wait_for_selector(answer("porch", "led: no answer after 10 s"))
    page.wait_for_selector(f"{LED}[data-state=late] [aria-checked=false]")


@pytest.mark.expects_refusals
def test_a_command_does_not_outlive_its_connection(own_server, join, open_page):
    fan = join(own_server, "porch")
    fan.hello(controls=CONTROLS)
    page = open_page(own_server)
    page.click(f"{LED} [role=switch]")
    fan.command()
    own_server.kill()
    page.wait_for_selector(answer("porch", "led: the connection was lost before an answer"))
    page.wait_for_selector(f"{LED}[data-state=error] :disabled")


def test_an_error_of_the_server_is_a_notice_until_dismissed(server, join, open_page):
    join(server, "porch")
    page = open_page(server)
    # More levels than the server accepts.
    send(page, "porch", "colour", "[" * 20 + "]" * 20)
    page.wait_for_selector(".notice >> text=nested")
    page.wait_for_selector(f"{card('porch')} .answer[data-state=error] >> text=nested")
    page.wait_for_selector("#announcer >> text=/^porch, colour: .*nested/", state="attached")
    page.click(".notice button")
    page.wait_for_selector(".notice", state="detached")


def test_an_error_that_belongs_to_no_command_any_more_is_said_too(
    own_server, room, join, new_page
):
    join(own_server, "porch")
    page = new_page()
    page.clock.install()
    page.goto(f"{own_server.url}/?room={room}")
    page.clock.run_for(1000)
    page.wait_for_selector(f"{card('porch')}[data-presence=online]")
    own_server.signal(signal.SIGSTOP)
    send(page, "porch", "colour", "[" * 20 + "]" * 20)
    page.wait_for_selector(answer("porch", "colour: waiting…"))
    page.clock.run_for(11_000)
    page.wait_for_selector(answer("porch", "colour: no answer after 10 s"))
    own_server.signal(signal.SIGCONT)
    page.wait_for_selector(".notice >> text=nested")
    page.clock.run_for(1000)
    page.wait_for_selector("#announcer >> text=nested", state="attached")


def test_results_are_shown_and_only_those_of_ones_own_commands_announced(server, fan, open_page):
    page = open_page(server)
    fan.send(type="result", name="led", ok=True, value=True)
    page.wait_for_selector(answer("porch", "led: ok, true"))
    page.click("text=Restart now")
    command = fan.answer()
    assert command["name"] == "restart" and "value" not in command
    page.wait_for_selector(answer("porch", "Restart now: ok"))
    page.wait_for_selector("#announcer >> text=/^porch, Restart now: ok$/")
