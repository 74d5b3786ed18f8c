#include "base/result.h"

namespace graupel {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return "invalid";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kCorrupt: return "corrupt";
    case ErrorCode::kMismatch: return "mismatch";
    case ErrorCode::kNotFound: return "not found";
    case ErrorCode::kIo: return "io";
  }
  return "unknown";
}

std::string Error::text() const {
  std::string text;
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) text += *frame + ": ";
  return cat(text, to_string(code), ": ", message);
}

}  // namespace graupel
