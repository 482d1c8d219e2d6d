"""From a photo's file to a network's input, by the calls that fastai makes, exact to the bit."""
