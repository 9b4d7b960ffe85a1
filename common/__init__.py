"""What the experiments share, a module for each kind of thing.

Data, encoding and inversion (none of these loads TensorFlow):
    sums        random integers and their sum, scaled and back     tutorial A, regression
    characters  sums as strings of characters, and back            tutorial A, seq2seq
    sequences   random sequences cut into windows                  tutorial B
    onehot      integers as one-hot vectors, and back              both

Data of the extensions:
    heldout     sums reserved for testing, in any order of their terms
    unseen      test questions of any kind, which training draws around
    expressions sums, differences, products and brackets as characters
    echoes      the windows of several sequences, as integers
    missing     windows with missing values
    digits      sums of numbers of any length, as arrays of digits

Training a model:
    backend     TensorFlow and Keras, imported late and quietly
    training    train, predict and re-seed a compiled Keras model
    watching    what a model answers while it learns (--watch)
    scores      exact match, accuracy, RMSE, and the tutorials' printed lines
    milestones  the epochs it took to learn, and up to which size
    positions   learned positions, a layer for attention

Running many trainings:
    settings    an experiment's numbers: defaults, flags and help in one
    experiments an experiment from its flags to its table and files
    engine      tasks, in this process or over several
    cluster     tasks on a Dask cluster
    results     rows: files of them, and mean, std and worst
    cli         the command line: flags, refusals, Ctrl-C
    progress    how far work is, on terminals

Files and plots:
    saved       trained models, in files that say what they are
    files       writing a file whole or not at all
    curves      learning curves
    score_plots a score against a size
    attention_maps
                where the attention looks, as a plot
    checks      refusals of bad arguments
"""
