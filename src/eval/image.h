// Pictures as input tensors.
#pragma once

#include <string>

#include "base/result.h"
#include "program/preprocess.h"
#include "tensor/tensor.h"

namespace graupel {

/// Reads a picture (in its EXIF orientation) and prepares it: f32 [1, h, w, c]. Resizing is bilinear in exact integer
/// arithmetic, so that every machine gets the same codes; then fl(fl(fl(pixel / scale) - mean) / std).
/// Letterbox: the largest picture that fits, extents rounded; the odd pixel of padding goes below and right.
/// Crop: the short side becomes short_side (0: just enough to cover h x w), the long side is cut to an integer, the
/// middle is kept. An undeclared preprocess stretches and keeps pixels as they are, RGB or (c = 1) gray. Errors:
/// not_found, invalid (no readable picture), mismatch (channels).
Result<Tensor> read_image(const std::string& path, const Preprocess& preprocess, int h, int w, int c);

/// The arithmetic after fitting, on pixels that are already h x w x c: f32 of the same shape.
Tensor normalize(const Tensor& pixels, const Preprocess& preprocess);

/// Whether the file's name says that it is a picture (.jpg, .jpeg, .png, .bmp, .ppm, .pgm, .webp; any case).
bool is_image_name(const std::string& path);

}  // namespace graupel
