"""How long `rl2graph check` takes as a whole process, on a spec of 100 lines, with the spaces given.

    python benchmarks/check_time.py [RUNS]

Prints the median, beside that of starting Python and of importing lark in the same run.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPACES = ["--obs", "f32[4]", "--act", "discrete[2]", "--algo", "ppo"]


def spec_of_100_lines() -> str:
    lines = ["rl2 1", "h0 = obs |> dense(64) |> relu"]
    lines += [f"h{i} = h{i - 1} |> dense({32 + i % 7}) |> tanh" for i in range(1, 97)]
    return "\n".join([*lines, "pi = head(h96)", "v = head(h96)"]) + "\n"


def seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    # Byte code is kept, as it is for anyone who has installed a package.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        environment["PYTHONPYCACHEPREFIX"] = folder
        spec = Path(folder) / "hundred.rl2"
        spec.write_text(spec_of_100_lines())
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import lark": [sys.executable, "-c", "import lark"],
            "rl2graph check": [sys.executable, "-m", "rl2graph", "check", str(spec), *SPACES],
        }
        for command in commands.values():
            seconds(command, environment)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command, environment))
    for name, found in times.items():
        spread = f"{1e3 * min(found):.0f} to {1e3 * max(found):.0f}"
        print(f"{name:16} {1e3 * statistics.median(found):6.0f} ms median of {runs} ({spread})")


if __name__ == "__main__":
    main()
