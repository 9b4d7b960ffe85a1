"""What several extensions share.

Data (none of these loads TensorFlow):
    expressions sums, differences, products and brackets, as strings
    digits      sums of numbers of any length, as arrays
    streams     sums as one stream of symbols, not padded
    heldout     test questions that training never draws
    windows     windows of several sequences
    missing     windows with missing values

Layers and scores:
    pointers    a decoder whose pointers move along what it reads
    positions   learned positions
    scoring     several tests of one model, epochs needed, where attention looks
"""
