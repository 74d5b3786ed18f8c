#include "eval/image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "har/names.h"

namespace graupel {
namespace {

cv::Mat resized(const cv::Mat& picture, int h, int w) {
  if (picture.rows == h && picture.cols == w) return picture;
  cv::Mat result;
  cv::resize(picture, result, cv::Size(w, h), 0, 0, cv::INTER_LINEAR_EXACT);
  return result;
}

cv::Mat letterboxed(const cv::Mat& picture, const Preprocess& p, int h, int w) {
  const double ratio = std::min(static_cast<double>(h) / picture.rows, static_cast<double>(w) / picture.cols);
  const int inner_h = std::clamp(static_cast<int>(std::lround(picture.rows * ratio)), 1, h);
  const int inner_w = std::clamp(static_cast<int>(std::lround(picture.cols * ratio)), 1, w);
  const bool center = p.align == Preprocess::Align::kCenter;
  const int top = center ? (h - inner_h) / 2 : 0, left = center ? (w - inner_w) / 2 : 0;
  cv::Mat result(h, w, picture.type(), cv::Scalar::all(p.fill));
  resized(picture, inner_h, inner_w).copyTo(result(cv::Rect(left, top, inner_w, inner_h)));
  return result;
}

Result<cv::Mat> cropped(const cv::Mat& picture, const Preprocess& p, int h, int w) {
  const int shorter = std::min(picture.rows, picture.cols);
  double ratio = static_cast<double>(p.short_side) / shorter;
  if (p.short_side == 0) ratio = std::max(static_cast<double>(h) / picture.rows, static_cast<double>(w) / picture.cols);
  const auto extent = [&](int full, int least) {
    if (p.short_side == 0) return std::max(static_cast<int>(full * ratio), least);
    return full == shorter ? p.short_side : static_cast<int>(static_cast<int64_t>(p.short_side) * full / shorter);
  };
  const int outer_h = extent(picture.rows, h), outer_w = extent(picture.cols, w);
  if (outer_h < h || outer_w < w)
    return mismatch("short_side ", p.short_side, " leaves ", outer_h, "x", outer_w, ", less than the input's ", h, "x",
                    w);
  const cv::Mat outer = resized(picture, outer_h, outer_w);
  const auto middle = [](int outer_extent, int inner) {
    return static_cast<int>(std::lround((outer_extent - inner) / 2.0));
  };
  return outer(cv::Rect(middle(outer_w, w), middle(outer_h, h), w, h)).clone();
}

Result<cv::Mat> fitted(const cv::Mat& picture, const Preprocess& p, int h, int w) {
  switch (p.fit) {
    case Preprocess::Fit::kLetterbox: return letterboxed(picture, p, h, w);
    case Preprocess::Fit::kCrop: return cropped(picture, p, h, w);
    case Preprocess::Fit::kStretch: break;
  }
  return resized(picture, h, w);
}

Result<cv::Mat> in_color(const cv::Mat& bgr, const Preprocess& p, int c) {
  const bool gray = p.declared ? p.color == Preprocess::Color::kGray : c == 1;
  if (c != (gray ? 1 : 3))
    return mismatch("a ", gray ? "gray" : "colour", " picture cannot fill an input of ", c, " channels");
  if (!gray && p.color == Preprocess::Color::kBgr) return bgr;
  cv::Mat result;
  cv::cvtColor(bgr, result, gray ? cv::COLOR_BGR2GRAY : cv::COLOR_BGR2RGB);
  return result;
}

Result<Tensor> prepare(const std::string& path, const Preprocess& p, int h, int w, int c) {
  const cv::Mat bgr = cv::imread(path, cv::IMREAD_COLOR);
  if (bgr.empty()) return invalid("cannot be read as a picture; it may be damaged or of an unsupported format");
  GRAUPEL_TRY(const cv::Mat picture, in_color(bgr, p, c));
  GRAUPEL_TRY(const cv::Mat fit, fitted(picture, p, h, w));
  auto [pixels, data] = Tensor::make<uint8_t>({1, h, w, c});
  const std::size_t row = static_cast<std::size_t>(w) * static_cast<std::size_t>(c);
  for (int y = 0; y < h; ++y) std::memcpy(data + static_cast<std::size_t>(y) * row, fit.ptr(y), row);
  return normalize(pixels, p);
}

}  // namespace

Result<Tensor> read_image(const std::string& path, const Preprocess& preprocess, int h, int w, int c) {
  if (std::error_code error; !std::filesystem::exists(path, error))
    return not_found("picture '", path, "' does not exist");
  try {
    return prepare(path, preprocess, h, w, c).within("picture '", path, "'");
  } catch (const cv::Exception& fault) {
    return invalid("picture '", path, "' cannot be prepared: ", fault.err);
  }
}

Tensor normalize(const Tensor& pixels, const Preprocess& preprocess) {
  const auto codes = pixels.as<uint8_t>();
  const auto channels = static_cast<std::size_t>(pixels.type.shape.back());
  std::vector<float> table(channels * 256);
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t code = 0; code < 256; ++code) {
      float value = static_cast<float>(code);
      if (preprocess.declared) {
        value = value / preprocess.scale;
        if (!preprocess.mean.empty()) value = value - preprocess.mean[c];
        if (!preprocess.std.empty()) value = value / preprocess.std[c];
      }
      table[c * 256 + code] = value;
    }
  auto [tensor, data] = Tensor::make<float>(pixels.type.shape);
  for (std::size_t i = 0; i < codes.size(); ++i) data[i] = table[i % channels * 256 + codes[i]];
  return tensor;
}

bool is_image_name(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  constexpr std::string_view kAccepted[] = {".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".webp"};
  return std::find(std::begin(kAccepted), std::end(kAccepted), extension) != std::end(kAccepted);
}

}  // namespace graupel
