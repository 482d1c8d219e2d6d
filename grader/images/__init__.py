"""A photo's file to a network's input, by the calls that fastai makes, to the bit."""
