#include "ir/float_context.h"

namespace graupel {

FloatContext::FloatContext(int threads, Isa isa) : pool_(threads > 0 ? threads : available_threads()) {
  context_.pool = &pool_;
  context_.isa = isa;
  context_.allocate = [this](std::size_t bytes) { return buffers_.allocate(bytes); };
  context_.packed = [this](const Tensor& weights, std::string_view kernel, const std::function<Bytes()>& pack) {
    Packed& entry = packed_[{weights.data.get(), std::string(kernel)}];
    if (entry.packed == nullptr) entry = {weights.data, std::make_shared<const Bytes>(pack())};
    return entry.packed;
  };
}

}  // namespace graupel
