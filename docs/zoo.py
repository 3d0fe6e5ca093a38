"""Writes `docs/zoo.md` and its pictures from the shipped specs: `python docs/zoo.py`; a test holds them in
step.
"""

from __future__ import annotations

from pathlib import Path

from rl2graph.compiler.pipeline import optimise
from rl2graph.viz import render
from rl2graph.zoo import ZooSpec, zoo

DOCS = Path(__file__).parent
PICTURES = Path("images") / "zoo"

_INTRODUCTION = """\
# The zoo

{count} specs ship with rl2graph, most of them networks of papers. `rl2graph specs` lists them, and
`rl2graph specs dqn_nature > net.rl2` writes one to start from. This release trains {trained} of them; it
checks, shows and draws the others too and, but for those of several agents, compiles them for training loops
of your own.

Tests hold each to its paper: the number of parameters is that of arithmetic over the layers which the paper
describes, and values and gradients are those of a network that is written by hand in plain torch, over
sequences with resets where it is recurrent, and with the same noise where its layers are noisy
([tests/zoo](../tests/zoo)). Seven are also held against the networks of Stable-Baselines3
(`make test-extras`).
"""


def page() -> str:
    """The page: a table of all, then each."""
    specs = zoo()
    head = _INTRODUCTION.format(count=len(specs), trained=sum(spec.trained for spec in specs))
    rows = "\n".join(_row(spec) for spec in specs)
    table = f"| spec | is | spaces | parameters | trained by |\n|---|---|---|---:|---|\n{rows}\n"
    return "\n".join([head, table, *(_section(spec) for spec in specs)])


def picture(spec: ZooSpec) -> str:
    """The deduplicated graph as SVG."""
    literal = spec.check().graph
    assert literal is not None
    return render(literal, optimise(literal, 1)[0], format="svg", view="after", title=spec.name)


def files() -> dict[Path, str]:
    """What is written, by its path below `docs`."""
    pictures = {PICTURES / f"{spec.name}.svg": picture(spec) for spec in zoo()}
    return {Path("zoo.md"): page(), **pictures}


def _row(spec: ZooSpec) -> str:
    spaces = f"`{spec.observation}` → `{spec.action}`"
    cells = (f"[{spec.name}](#{spec.name})", spec.title, spaces, _count(spec), ", ".join(spec.algorithms))
    return f"| {' | '.join(cells)} |"


def _count(spec: ZooSpec) -> str:
    return "symbolic" if spec.parameters is None else f"{spec.parameters:,}"


def _section(spec: ZooSpec) -> str:
    said = "\n\n".join(text for text in (spec.title, spec.paper, spec.notes) if text)
    body = spec.text.partition("\n\n")[2]
    spaces = f"--obs '{spec.observation}' --act '{spec.action}'"
    algorithm = spec.algorithm()
    held = f" --algo {algorithm}" if algorithm else ""
    many = "The number of parameters depends on the environment." if spec.parameters is None else ""
    return f"""\
## {spec.name}

{said}

```
{body}```

{many or f"{_count(spec)} parameters."} [The file](../specs/{spec.name}.rl2), and how to check it:

```
rl2graph check specs/{spec.name}.rl2 {spaces}{held}
```

<details><summary>Picture</summary>

![The graph of {spec.name}]({(PICTURES / spec.name).as_posix()}.svg)

</details>
"""


if __name__ == "__main__":
    (DOCS / PICTURES).mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        (DOCS / path).write_text(text, encoding="utf-8")
