// The rules of the full-precision stage, grouped by file. pipeline.cc holds their order.
#pragma once

#include "ir/rewriter.h"

namespace graupel {

// simplify.cc
Result<bool> remove_identity(Rewriter& rw, LayerId id);
Result<bool> fold_constant(Rewriter& rw, LayerId id);
Result<bool> compose_transposes(Rewriter& rw, LayerId id);
Result<bool> compose_reshapes(Rewriter& rw, LayerId id);
Result<bool> lift_transpose(Rewriter& rw, LayerId id);
Result<bool> fold_flatten(Rewriter& rw, LayerId id);
Result<bool> forward_slice_of_concat(Rewriter& rw, LayerId id);
Result<bool> join_quantize_linear(Rewriter& rw, LayerId id);

// recognize.cc
Result<bool> recognize_gelu(Rewriter& rw, LayerId id);
Result<bool> recognize_norm(Rewriter& rw, LayerId id);
Result<bool> recognize_group_norm(Rewriter& rw, LayerId id);
Result<bool> recognize_pointwise_conv(Rewriter& rw, LayerId id);
Result<bool> hold_mask(Rewriter& rw, LayerId id);

// recognize_hard.cc
Result<bool> recognize_hard_swish(Rewriter& rw, LayerId id);
Result<bool> recognize_hard_sigmoid(Rewriter& rw, LayerId id);

// linear.cc
Result<bool> merge_affines(Rewriter& rw, LayerId id);
Result<bool> fold_affine_after_norm(Rewriter& rw, LayerId id);
Result<bool> fold_affine_after_linear(Rewriter& rw, LayerId id);
Result<bool> fold_affine_before_linear(Rewriter& rw, LayerId id);
Result<bool> split_linear(Rewriter& rw, LayerId id);
Result<bool> merge_pad(Rewriter& rw, LayerId id);
Result<bool> global_pool_to_mean(Rewriter& rw, LayerId id);

// channels.cc
Result<bool> lift_reversal(Rewriter& rw, LayerId id);
Result<bool> fold_reversal(Rewriter& rw, LayerId id);

// fuse.cc
Result<bool> fuse_gated_activation(Rewriter& rw, LayerId id);
Result<bool> fuse_clamp(Rewriter& rw, LayerId id);
Result<bool> fuse_residual(Rewriter& rw, LayerId id);
Result<bool> divide_by_reciprocal(Rewriter& rw, LayerId id);

// products.cc
Result<bool> fold_scale_after_product(Rewriter& rw, LayerId id);
Result<bool> fold_scale_before_product(Rewriter& rw, LayerId id);
Result<bool> lift_over_reshape(Rewriter& rw, LayerId id);

}  // namespace graupel
