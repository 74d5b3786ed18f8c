// How a picture becomes an input tensor: declared once beside the model, carried by graphs and programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"

namespace graupel {

/// value = (pixel / scale - mean[c]) / std[c], after reading, colour conversion and fitting to the input's h x w.
struct Preprocess {
  enum class Color : uint8_t { kRgb, kBgr, kGray };
  enum class Fit : uint8_t { kStretch, kLetterbox, kCrop };
  enum class Align : uint8_t { kCenter, kTopLeft };

  Color color = Color::kRgb;
  Fit fit = Fit::kStretch;
  Align align = Align::kCenter;  ///< where a letterboxed picture lies
  int32_t fill = 114;            ///< what surrounds it
  int32_t short_side = 0;        ///< kCrop: the short side is resized to this before the centre crop; 0: to the input
  float scale = 1;
  std::vector<float> mean;  ///< one per channel, or empty for 0
  std::vector<float> std;   ///< one per channel, or empty for 1
  bool declared = false;    ///< false: nobody said; pixels go in as they are

  static constexpr auto fields() {
    return std::tuple{Field{"color", &Preprocess::color},
                      Field{"fit", &Preprocess::fit},
                      Field{"align", &Preprocess::align},
                      Field{"fill", &Preprocess::fill},
                      Field{"short_side", &Preprocess::short_side},
                      Field{"scale", &Preprocess::scale},
                      Field{"mean", &Preprocess::mean},
                      Field{"std", &Preprocess::std},
                      Field{"declared", &Preprocess::declared}};
  }
  bool operator==(const Preprocess&) const = default;
};

}  // namespace graupel
