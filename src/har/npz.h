// NumPy's .npy and .npz files.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "tensor/tensor.h"

namespace graupel {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// Format version 1.0, C order, little endian, data at a multiple of 64.
Bytes save_npy(const Tensor& tensor);
/// The type that load_npy would give, from the header alone.
Result<TensorType> npy_type(ByteSpan bytes);
/// Reads versions 1 to 3, either order, little endian; booleans become 0 or 1. Errors: corrupt, unsupported (type).
Result<Tensor> load_npy(ByteSpan bytes);

/// A stored zip of `<name>.npy` members.
Result<Bytes> save_npz(std::span<const NamedTensor> tensors);
/// `limit_bytes` bounds the sum of what the members hold.
Result<std::vector<NamedTensor>> load_npz(ByteSpan bytes, std::size_t limit_bytes = std::size_t{1} << 32);

}  // namespace graupel
