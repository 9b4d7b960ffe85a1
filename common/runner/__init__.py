"""What stands around an experiment: flags, several seeds, and what is kept of them.

From flags to trainings:
    cli         the command line: flags, refusals, Ctrl-C
    script      flags into tasks, tasks into rows: what the next two share
    experiment  the five scripts, from their flags to their files
    comparison  the extensions, from their flags to their tables
    watching    what a model answers while it learns (--watch)

Running them:
    task        one training, as names and numbers
    engine      runs tasks: in this process, over several, on a cluster
    cluster     the engine's way to a Dask cluster

Keeping and showing what came out:
    rows        what each variant and seed scored, in files
    tables      rows as text
    intervals   confidence intervals
    plots       learning curves, scores, and where attention looks
    files       written whole or not at all
    saved       models in files that say what they are
"""
