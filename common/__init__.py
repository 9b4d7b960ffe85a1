"""What the experiments share, a small module for each kind of thing.

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

Around an experiment:
    backend     TensorFlow and Keras, imported quietly
    training    train, predict and re-seed a compiled Keras model
    scores      exact match, accuracy, RMSE, and the tutorials' printed lines
    cli         flags, their refusals, Ctrl-C
    jobs        the seeds one after the other, or spread over processes
    results     what a script prints and writes over its seeds or variants
    tables      mean, std and worst of scores; files of scores
    curves      learning curves
    milestones  the epochs it took to learn, and up to which size
    score_plots a score against a size
    positions   learned positions, a layer for attention
    attention_maps
                where the attention looks, as a plot
    timing      seconds of training without those of compiling
    progress    how far training is, on terminals
    saved       trained models, in files that say what they are
    files       writing a file whole or not at all
    checks      refusals of bad arguments
"""
