"""What the experiments share, a module for each kind of thing.

Data, encoding and inversion (none of these loads TensorFlow):
    sums        random integers and their sum, scaled and back     tutorial A, regression
    characters  sums as strings of characters, and back            tutorial A, seq2seq
    windows     random sequences cut into windows, complete or not  tutorial B
    onehot      integers as one-hot vectors, and back              both
    expressions sums, differences, products and brackets           extensions
    digits      sums of numbers of any length, as arrays           extensions
    streams     sums as one stream of symbols, not padded          extensions
    heldout     test questions that training never draws           extensions

Training a model:
    backend     TensorFlow and Keras, imported late and quietly
    training    train, predict and re-seed a compiled Keras model
    layers      layers that Keras does not have: learned positions, pointers
    scores      exact match, accuracy, RMSE, and the tutorials' printed lines
    plots       learning curves, scores, and where attention looks
    progress    how far work is, and what a model answers meanwhile (--watch)
    files       written whole or not at all; models that say what they are

Running many trainings:
    settings    an experiment's numbers: defaults, flags and help in one
    experiments the five scripts, from their flags to their tables and files
    comparisons the extensions, from their flags to their tables
    engine      runs tasks: in this process, over several, on a cluster
    cluster     the engine's way to a Dask cluster
    results     rows: files of them, tables, confidence intervals

Small things:
    cli         the command line: flags, refusals, Ctrl-C
    checks      refusals of bad arguments
"""
