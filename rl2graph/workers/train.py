"""From a spec to a trained agent in a run folder, and from a run folder to an evaluation."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rl2graph.agents.base import Agent
from rl2graph.contracts.training import in_words
from rl2graph.diagnostics import DiagnosticError
from rl2graph.environments import find_spec
from rl2graph.workers.config import Resolved
from rl2graph.workers.evaluate import Evaluation, evaluate
from rl2graph.workers.families import family_defaults
from rl2graph.workers.interrupt import SafeInterrupt
from rl2graph.workers.plan import Plan, Request, load_checkpoint, plan_new, plan_resumed, rebuilt_agent
from rl2graph.workers.progress import display
from rl2graph.workers.recorder import Recorder, restored_progress, resume_command, snapshot
from rl2graph.workers.run_environments import EVALUATION_SLOTS, environments, run_normalisation
from rl2graph.workers.runfolder import RunFolder, describe
from rl2graph.workers.worker import MaxStepWorker, Progress


@dataclass(frozen=True)
class TrainResult:
    """What a finished run left behind; `evaluation` is of the final policy, greedy."""

    run: Path
    steps: int
    episodes: int
    seconds: float
    evaluation: Evaluation | None
    agent: Agent

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, with `return_mean` and `return_std` at top level (null without an evaluation)."""
        found = self.evaluation.to_json() if self.evaluation else {"return_mean": None, "return_std": None}
        return {
            "schema": 1,
            "run": str(self.run),
            "steps": self.steps,
            "seconds": round(self.seconds, 3),
            "training_episodes": self.episodes,
            **found,
        }


def train(
    spec: Any = None,
    *,
    env: Any = None,
    algo: str | None = None,
    steps: int | None = None,
    seed: int | None = None,
    run: str | Path | None = None,
    resume: bool = False,
    config: str | Path | Mapping[str, Mapping[str, Any]] | None = None,
    settings: Sequence[str] = (),
    params: Mapping[str, Any] | None = None,
    eval_env: Any = None,
    quiet: bool = False,
) -> TrainResult:
    """Trains `spec` in `env`, writing a run folder.

    Nothing is created before spec, environment, algorithm and configuration are found to be right.

    Args:
        spec: path of an `.rl2` file, or what else `rl2graph.compile` takes; may be left out to resume.
        env: id of a registered environment, a gymnasium environment or vector environment.
        algo: the algorithm; None for the one that the spec's roles choose.
        steps: environment steps in all.
        seed: root of every random stream.
        run: the run's folder; None for a new one under `runs/`.
        resume: go on with the run in `run` from its last checkpoint, with that run's configuration; of the
            settings only `steps` may differ.
        config: a TOML file, or its tables, under the arguments and `settings`.
        settings: `key=value` texts, over everything else.
        params: values for the spec's `param` statements.
        eval_env: for an `env` that was handed in: another one, to evaluate in.
        quiet: show no progress.

    Raises:
        DiagnosticError: for bad input before anything is created; RLG604 where an environment broke off,
            RLG610 where training became non-finite. Before the first update the folder is gone then, later
            the last good state is saved.
        KeyboardInterrupt: on Ctrl-C, after a checkpoint was saved; its text says how to go on.
    """
    request = Request(
        spec=spec,
        env=env,
        algo=algo,
        steps=steps,
        seed=seed,
        run=None if run is None else Path(run),
        config=config,
        settings=tuple(settings),
        params=params,
        eval_env=eval_env,
    )
    plan = plan_resumed(request) if resume else plan_new(request)
    with plan.owned:
        return _run(plan, quiet=quiet)


def evaluate_run(
    run: str | Path,
    episodes: int = 100,
    *,
    checkpoint: str = "last",
    greedy: bool = True,
    seed: int | None = None,
    env: Any = None,
    device: str | None = None,
) -> Evaluation:
    """Evaluates a checkpoint of a run.

    Args:
        run: the run's folder.
        episodes: how many; each copy of the environment is seeded once, and its episodes follow each other.
        checkpoint: `last`, `best`, or a step.
        greedy: the policy's mode; False samples from it.
        seed: root of the evaluation's stream, at least 0; None for the run's.
        env: needed where the run's environment had been handed in.
        device: where the network is; None for the run's.
    """
    if episodes < 1:
        raise DiagnosticError.of("RLG607", f"`episodes` cannot be {episodes}: it is at least 1")
    if seed is not None and seed < 0:
        raise DiagnosticError.of("RLG607", f"`seed` cannot be {seed}: it is at least 0")
    folder = RunFolder.open(Path(run))
    resolved = Resolved.from_toml(folder.read(folder.config), str(folder.config))
    if device is not None:
        resolved = replace(resolved, run=replace(resolved.run, device=device))
    saved = load_checkpoint(folder, checkpoint)
    with ExitStack() as owned:
        slots = min(episodes, EVALUATION_SLOTS)
        envs = environments(env, resolved, folder, slots, owned, evaluation=True)
        agent = rebuilt_agent(folder, resolved, envs)
        saved.restore_weights(agent)
        root = resolved.run.seed if seed is None else seed
        moments = run_normalisation(envs, resolved, saved)
        frozen = None if moments is None else moments.frozen()
        return evaluate(agent, envs, episodes=episodes, seed=root, greedy=greedy, normalisation=frozen)


def _run(plan: Plan, *, quiet: bool) -> TrainResult:
    config = plan.resolved.run
    learned = plan.resumed is not None
    interrupt = SafeInterrupt()
    folder, progress, seconds = _started(plan)
    with interrupt, display(config.steps, start=progress.steps, quiet=quiet) as shown:
        recorder = Recorder(
            folder,
            plan.agent,
            config,
            spec_text=plan.spec_text,
            eval_env=plan.eval_env,
            start=progress.steps,
            seconds=seconds,
            normalisation=plan.normalisation,
            check=interrupt.check,
            warn=shown.warn,
        )

        def on_update(now: Progress) -> None:
            nonlocal learned
            learned = True
            recorder.on_update(now)
            shown.show(now)

        shown.note([f"{config.algo}, {line}" for line in in_words(plan.agent.training_plan())])
        try:
            MaxStepWorker(
                plan.env,
                plan.agent,
                max_steps=config.steps,
                seed=config.seed,
                progress=progress,
                normalisation=plan.normalisation,
                on_step=lambda _: interrupt.check(),
                on_update=on_update,
            ).run()
            recorder.save(progress)
            interrupt.check()
            evaluation = recorder.judge(progress, config.final_episodes)
        except KeyboardInterrupt:
            # After a second Ctrl-C an update may be half done, and the last checkpoint is the better one.
            if not interrupt.forced:
                recorder.save(progress)
            raise KeyboardInterrupt(
                f"checkpoint {recorder.saved} is in {folder.path}; go on with `{resume_command(folder)}`"
            ) from None
        except Exception as error:
            if not learned:  # nothing is there that a new run would not have
                shutil.rmtree(folder.path, ignore_errors=True)
                raise
            if isinstance(error, DiagnosticError):
                raise recorder.stopped(error) from error.__cause__
            error.add_note(recorder.rescued())
            raise
    return TrainResult(
        folder.path, progress.steps, progress.episodes, recorder.seconds, evaluation, plan.agent
    )


def _started(plan: Plan) -> tuple[RunFolder, Progress, float]:
    """The run's folder, made or rewound, where the run stands, and after how many seconds."""
    config = plan.resolved.run
    if plan.resumed is None:
        family = family_defaults(find_spec(config.env))[0] if config.env else ""
        digests = {
            name: digest
            for name in ("function_digest", "training_digest")
            if (digest := getattr(plan.agent.model, name, None)) is not None
        }
        meta = describe(
            env=config.env,
            algo=config.algo,
            seed=config.seed,
            family=family,
            training=plan.agent.training_plan(),
            **digests,
        )
        text = plan.resolved.to_toml()
        first = snapshot(plan.agent, Progress(), 0.0, plan.normalisation)
        created = RunFolder.create(
            plan.path,
            spec_text=plan.spec_text,
            imported_files=plan.imported_files,
            config_text=text,
            meta=meta,
            first=first,
        )
        return created, Progress(), 0.0
    folder = RunFolder(plan.path)
    progress, seconds = restored_progress(plan.resumed)
    folder.rewind(progress.steps)
    folder.write(folder.config, plan.resolved.to_toml())
    return folder, progress, seconds
