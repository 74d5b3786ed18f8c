#include "lower/restride.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace graupel {
namespace {

constexpr int64_t kMostInt = std::numeric_limits<int32_t>::max();

bool fits(int64_t value) { return std::abs(value) <= kMostInt; }

bool restride_view(View& view, Runs runs) {
  if (view.c != runs.run || !fits(int64_t{view.h} * view.w * runs.stride)) return false;
  view.pixel_stride = runs.stride;
  return true;
}

// Copies.

/// One side of a copy: its offset and, per dimension, which member is the step.
struct Side {
  int32_t* offset;
  int32_t CopyDim::*step;
};

/// Cuts dimensions that run across the ends of runs into one within and one over runs.
bool cut_at_runs(std::vector<CopyDim>& dims, int32_t CopyDim::*step, int32_t run) {
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const CopyDim dim = dims[i];
    const int32_t size = std::abs(dim.*step);
    if (size == 0 || size % run == 0 || int64_t{size} * (dim.extent - 1) < run) continue;
    if (run % size != 0 || dim.extent % (run / size) != 0) return false;
    const int32_t inner = run / size;
    dims[i] = {dim.extent / inner, dim.src * inner, dim.dst * inner};
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(i) + 1, {inner, dim.src, dim.dst});
  }
  return true;
}

/// Moves the steps over runs from the dense to the given stride.
bool spread_runs(std::vector<CopyDim>& dims, Side side, Runs runs) {
  int64_t low = *side.offset % runs.run, high = low;
  for (CopyDim& dim : dims) {
    int32_t& step = dim.*(side.step);
    if (step % runs.run == 0) {
      const int64_t spread = int64_t{step} / runs.run * runs.stride;
      if (!fits(spread * dim.extent)) return false;
      step = static_cast<int32_t>(spread);
    } else {
      (step < 0 ? low : high) += int64_t{step} * (dim.extent - 1);
    }
  }
  const int64_t offset = int64_t{*side.offset} / runs.run * runs.stride + *side.offset % runs.run;
  if (low < 0 || high >= runs.run || !fits(offset)) return false;
  *side.offset = static_cast<int32_t>(offset);
  return true;
}

/// The inverse of joined_dims(): the outermost dimension becomes rows that may be split over threads.
bool set_dims(CopyParams& params, const std::vector<CopyDim>& dims) {
  constexpr std::size_t kDims = 6, kInnerDims = 3;
  if (dims.size() > kDims) return false;
  params.extent.fill(1);
  params.src_stride.fill(0);
  params.dst_stride.fill(0);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    std::size_t at = kDims - dims.size() + i;
    if (i == 0 && dims.size() > 1) at = std::min(at, kDims - kInnerDims - 1);
    params.extent[at] = dims[i].extent;
    params.src_stride[at] = dims[i].src;
    params.dst_stride[at] = dims[i].dst;
  }
  return true;
}

bool restride_copy(CopyParams& params, bool source, Runs runs) {
  CopyParams result = params;
  std::vector<CopyDim> dims = joined_dims(params);
  const Side side = source ? Side{&result.src_offset, &CopyDim::src} : Side{&result.dst_offset, &CopyDim::dst};
  if (!cut_at_runs(dims, side.step, runs.run) || !spread_runs(dims, side, runs) || !set_dims(result, dims))
    return false;
  params = result;
  return true;
}

// Element-wise operators.

/// Makes the innermost extent one run of the (dense) output.
bool split_into_runs(BinaryParams& p, int32_t run) {
  if (p.extent[3] == run) return true;
  if (p.extent[3] % run != 0) return false;
  const int32_t outer = p.extent[3] / run;
  const auto move = [&](std::array<int32_t, 4>& stride, std::size_t at) {
    for (std::size_t d = 0; d < at; ++d) stride[d] = stride[d + 1];
    stride[at] = stride[3] * run;
  };
  // Alone, the runs become planes, which are what threads share.
  const bool flat = p.extent[0] == 1 && p.extent[1] == 1 && p.extent[2] == 1;
  if (!flat && p.extent[0] != 1) return false;
  if (flat) {
    p.extent = {1, outer, 1, run};
    for (auto* stride : {&p.a_stride, &p.b_stride}) *stride = {0, (*stride)[3] * run, 0, (*stride)[3]};
  } else {
    p.extent = {p.extent[1], p.extent[2], outer, run};
    move(p.a_stride, 2);
    move(p.b_stride, 2);
  }
  p.out_stride = run;
  return true;
}

/// The innermost stride stays 0 or 1, as the family asks.
bool restride_operand(const BinaryParams& p, std::array<int32_t, 4>& stride, Runs runs) {
  int64_t reach = 0;
  for (std::size_t d = 0; d < 4; ++d) {
    if (stride[d] % runs.run == 0) {
      const int64_t spread = int64_t{stride[d]} / runs.run * runs.stride;
      if (!fits(spread * p.extent[d])) return false;
      stride[d] = static_cast<int32_t>(spread);
    } else {
      reach += int64_t{stride[d]} * (p.extent[d] - 1);
    }
  }
  if (p.extent[3] == 1) stride[3] = 0;
  return reach < runs.run && stride[3] <= 1;
}

bool restride_binary_source(BinaryParams& params, std::size_t source, Runs runs) {
  BinaryParams result = params;
  if (!(source == 0 ? restride_operand(result, result.a_stride, runs)
                    : restride_operand(result, result.b_stride, runs))) {
    result = params;
    // Only a dense output can be cut; a strided one has been.
    if (result.out_stride != result.extent[3] || !split_into_runs(result, runs.run)) return false;
    auto& stride = source == 0 ? result.a_stride : result.b_stride;
    if (!restride_operand(result, stride, runs)) return false;
  }
  params = result;
  return true;
}

bool restride_binary_destination(BinaryParams& params, Runs runs) {
  BinaryParams result = params;
  const int64_t planes = int64_t{result.extent[0]} * result.extent[1] * result.extent[2];
  if (result.out_stride != result.extent[3] || !split_into_runs(result, runs.run) || !fits(planes * runs.stride))
    return false;
  result.out_stride = runs.stride;
  params = result;
  return true;
}

/// A stride goes from run to run or stays within one.
bool restride_matrices(const MatMulParams& p, MatrixView& view, int32_t rows, int32_t columns, Runs runs) {
  MatrixView result = view;
  int64_t reach = 0;
  const auto restride = [&](int32_t& stride, int32_t extent) {
    if (stride % runs.run == 0) {
      const int64_t spread = int64_t{stride} / runs.run * runs.stride;
      if (!fits(spread * extent)) return false;
      stride = static_cast<int32_t>(spread);
      return true;
    }
    reach += int64_t{stride} * (extent - 1);
    return reach < runs.run;
  };
  for (std::size_t i = 0; i < p.batch.size(); ++i)
    if (!restride(result.batch[i], p.batch[i])) return false;
  if (!restride(result.row, rows) || !restride(result.column, columns)) return false;
  view = result;
  return true;
}

bool restride_fill(FillParams& params, Runs runs) {
  FillParams result = params;
  if (result.runs == 1 || result.stride == result.count) result = {1, params.runs * params.count, 0, params.value};
  if (result.runs == 1 && result.count > runs.run) {
    if (result.count % runs.run != 0) return false;
    result = {result.count / runs.run, runs.run, runs.stride, result.value};
  } else if (result.runs > 1) {
    if (result.stride % runs.run != 0 || result.count > runs.run) return false;
    result.stride = result.stride / runs.run * runs.stride;
  }
  params = result;
  return true;
}

bool norm_follows(const NormParams& params, Runs runs) {
  return params.groups * params.channels == runs.run && fits(int64_t{params.outer} * params.rows * runs.stride);
}

// The families.

struct Source {
  std::size_t number;
  Runs runs;

  template <class P>
  bool operator()(P& params) const {
    if constexpr (requires { params.in.pixel_stride; }) {
      if (number == 0) return restride_view(params.in, runs);
    }
    if constexpr (requires { params.epilogue; }) {
      View residual = params.out;
      if (number != 1 || !params.epilogue.residual || !restride_view(residual, runs)) return false;
      params.epilogue.residual_pixel_stride = residual.pixel_stride;
      return true;
    }
    return false;
  }
  bool operator()(ReduceParams& params) const {
    if (params.inner != runs.run || !fits(int64_t{params.outer} * params.n * runs.stride)) return false;
    params.inner_stride = runs.stride;
    return true;
  }
  bool operator()(NormParams& params) const {
    if (!norm_follows(params, runs)) return false;
    params.in_stride = runs.stride;
    return true;
  }
  bool operator()(BinaryParams& params) const { return restride_binary_source(params, number, runs); }
  bool operator()(CopyParams& params) const { return restride_copy(params, true, runs); }
  bool operator()(MatMulParams& params) const {
    if (number == 0) return restride_matrices(params, params.a, params.m, params.k, runs);
    return restride_matrices(params, params.b, params.k, params.n, runs);
  }
};

struct Destination {
  Runs runs;

  template <class P>
  bool operator()(P& params) const {
    if constexpr (requires { params.out.pixel_stride; }) return restride_view(params.out, runs);
    return false;
  }
  bool operator()(NormParams& params) const {
    if (!norm_follows(params, runs)) return false;
    params.out_stride = runs.stride;
    return true;
  }
  bool operator()(BinaryParams& params) const { return restride_binary_destination(params, runs); }
  bool operator()(CopyParams& params) const { return restride_copy(params, false, runs); }
  bool operator()(FillParams& params) const { return restride_fill(params, runs); }
  bool operator()(MatMulParams& params) const {
    return params.n <= runs.run && restride_matrices(params, params.out, params.m, params.n, runs);
  }
};

}  // namespace

std::vector<CopyDim> joined_dims(const CopyParams& params) {
  std::vector<CopyDim> dims;
  for (std::size_t d = 0; d < params.extent.size(); ++d) {
    const CopyDim dim{params.extent[d], params.src_stride[d], params.dst_stride[d]};
    if (dim.extent == 1) continue;
    if (!dims.empty() && dims.back().src == int64_t{dim.src} * dim.extent &&
        dims.back().dst == int64_t{dim.dst} * dim.extent)
      dims.back() = {dims.back().extent * dim.extent, dim.src, dim.dst};
    else
      dims.push_back(dim);
  }
  return dims;
}

bool restride_source(Params& params, std::size_t source, Runs runs) { return std::visit(Source{source, runs}, params); }

bool restride_destination(Params& params, Runs runs) { return std::visit(Destination{runs}, params); }

}  // namespace graupel
