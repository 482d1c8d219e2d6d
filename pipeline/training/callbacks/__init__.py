"""Everything done while a model learns, as callbacks of fastai."""
