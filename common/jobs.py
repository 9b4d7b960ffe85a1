"""The seeds of --runs, one after the other, or spread over processes (--jobs)."""

import contextlib
import signal
import threading
import time

_turn = threading.Lock()  # Keras's seed is one for all threads of a process
_kept = (None, None)  # a process's args and the model that it built for them


def each_seed(run, args, model, build_model):
    """Yield seed, history, scores and seconds of every seed in `args.seeds`, in order.

    `run(args, model, seed)`: trains with one seed; returns history and scores.
    With `args.jobs` above 1, processes of joblib do that, each with a model of its own
    from `build_model(args)`, which it compiles once. `joblib.parallel_config` around
    this call chooses another backend, on a cluster for example.
    """
    jobs = min(args.jobs, len(args.seeds))
    if jobs == 1:
        for seed in args.seeds:
            yield seed, *_timed(run, args, model, seed)
        return

    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    in_order = get_active_backend()[0].supports_return_generator
    parallel = Parallel(jobs, return_as="generator" if in_order else "list")
    with _ctrl_c_is_ours():
        outcomes = parallel(delayed(_run)(run, args, build_model, s) for s in args.seeds)
    for seed, outcome in zip(args.seeds, outcomes):
        yield seed, *outcome


def _timed(run, args, model, seed):
    began = time.perf_counter()
    history, scores = run(args, model, seed)
    return history, scores, round(time.perf_counter() - began, 2)


def _run(run, args, build_model, seed):
    """One seed, in a process of joblib (or in a thread, if its user wants threads)."""
    global _kept
    from common import progress

    with _turn:
        shown, progress.allowed = progress.allowed, False
        try:
            if _kept[0] != args:
                _kept = (args, build_model(args))
            return _timed(run, args, _kept[1], seed)
        finally:
            progress.allowed = shown


@contextlib.contextmanager
def _ctrl_c_is_ours():
    """Processes started here ignore Ctrl-C, which the terminal sends to all; we end them.

    They inherit that from us: what is pressed in this moment has to be pressed again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
