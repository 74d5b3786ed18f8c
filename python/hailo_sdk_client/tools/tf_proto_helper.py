"""File names of TensorFlow models."""

TF_OPTIONAL_EXTENSIONS = (".ckpt", ".pb", ".tflite")
