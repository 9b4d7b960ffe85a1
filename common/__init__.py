"""What the five experiments share; each module can be used alone.

Data, encoding and inversion (none of these loads TensorFlow):
    sums        random integers and their sum, scaled and back     tutorial A, regression
    characters  sums as strings of characters, and back            tutorial A, seq2seq
    windows     random sequences cut into windows                  tutorial B
    onehot      integers as one-hot vectors, and back              both

Training a model:
    training    train and ask a compiled Keras model
    backend     TensorFlow and Keras, imported late and quietly
    scores      exact match, accuracy, RMSE, and the tutorials' printed lines
    settings    an experiment's numbers: defaults, flags and help in one
    progress    how far work is
    checks      refusals of bad arguments

common/runner/ is what stands around an experiment: flags, several seeds, rows and files.
"""
