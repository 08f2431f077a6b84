"""Checks the accessibility of the page with axe-core."""

from pathlib import Path

AXE = Path(__file__).parents[2] / "tools/dashboard/node_modules/axe-core/axe.min.js"


def judge(page, axe):
    """The rules that the page breaks, each with the elements. `axe` is the source of axe-core."""
    page.evaluate(axe)
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    # axe-core has really checked the page.
    assert len(found["passes"]) > 20
    return {
        each["id"]: [(node["html"][:200], node["failureSummary"]) for node in each["nodes"]]
        for each in found["violations"]
    }
