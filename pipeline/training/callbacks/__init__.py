"""What is done while a model learns, each as a callback of fastai."""
