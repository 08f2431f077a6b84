"""The page as axe-core judges it."""

from pathlib import Path

AXE = Path(__file__).parents[2] / "tools/dashboard/node_modules/axe-core/axe.min.js"


def judge(page, axe):
    """The rules that the page breaks, each with the elements that do; `axe` is its source."""
    page.evaluate(axe)
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    assert len(found["passes"]) > 20  # it did look
    return {
        each["id"]: [(node["html"][:200], node["failureSummary"]) for node in each["nodes"]]
        for each in found["violations"]
    }
