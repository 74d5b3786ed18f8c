// What float evaluation of ops runs on: threads, recycled buffers, and weights packed once.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "ir/tensor_pool.h"
#include "ops/op.h"

namespace graupel {

/// Owns what an EvalContext points to. Not copied or moved: the context points back here.
class FloatContext {
 public:
  /// `threads` 0: all CPUs this process may use.
  FloatContext(int threads, Isa isa);
  FloatContext(const FloatContext&) = delete;
  FloatContext& operator=(const FloatContext&) = delete;

  const EvalContext& eval() const { return context_; }
  ThreadPool& pool() { return pool_; }
  /// Drops the packed weights, for callers that will not come back to them.
  void forget_weights() { packed_.clear(); }

 private:
  struct Packed {
    std::shared_ptr<const Bytes> weights;  ///< kept, so that the key stays this tensor's own
    std::shared_ptr<const Bytes> packed;
  };

  ThreadPool pool_;
  TensorPool buffers_;
  std::map<std::pair<const void*, std::string>, Packed> packed_;
  EvalContext context_;
};

}  // namespace graupel
