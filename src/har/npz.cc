#include "har/npz.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "har/archive.h"

namespace graupel {
namespace {

struct Descr {
  DType dtype;
  std::string_view text;
};
constexpr Descr kDescrs[] = {
    {DType::kF32, "<f4"}, {DType::kU8, "|u1"},  {DType::kS8, "|i1"},  {DType::kU16, "<u2"},  {DType::kS16, "<i2"},
    {DType::kS32, "<i4"}, {DType::kS64, "<i8"}, {DType::kF64, "<f8"}, {DType::kBool, "|b1"},
};
constexpr std::string_view kMagic = "\x93NUMPY";

Result<DType> parse_descr(std::string_view text) {
  for (const Descr& row : kDescrs)
    if (row.text == text) return row.dtype;
  return unsupported("npy element type '", text,
                     "' (accepted, little endian: f4, f8, u1, i1, u2, i2, i4, i8, b1; convert with astype)");
}

/// What follows `'key':` in the header's dict literal, blanks skipped.
Result<std::string_view> after_key(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(cat("'", key, "'"));
  if (at == std::string_view::npos) return corrupt("npy header lacks '", key, "'");
  header.remove_prefix(at + key.size() + 2);
  const std::size_t value = header.find_first_not_of(" :");
  if (value == std::string_view::npos) return corrupt("npy header has no value for '", key, "'");
  return header.substr(value);
}

Result<Shape> parse_shape(std::string_view text) {
  const std::size_t end = text.find(')');
  if (text.front() != '(' || end == std::string_view::npos) return corrupt("npy shape is not a tuple");
  text = text.substr(1, end - 1);
  Shape shape;
  while (true) {
    while (!text.empty() && (text.front() == ' ' || text.front() == ',')) text.remove_prefix(1);
    if (text.empty()) break;
    int64_t extent = 0;
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
    if (error != std::errc() || extent < 0) return corrupt("npy shape has the extent '", text, "'");
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    shape.push_back(extent);
    if (shape.size() > 8) return unsupported("npy array of more than 8 dimensions");
  }
  GRAUPEL_DO(validate(shape));
  return shape;
}

struct Header {
  std::string_view text;
  ByteSpan data;
};

Result<Header> split_header(ByteSpan bytes) {
  const std::string_view text = to_text(bytes);
  if (!text.starts_with(kMagic)) return corrupt("not an npy file (it does not begin with \\x93NUMPY)");
  if (bytes.size() < 12) return corrupt("npy file of ", bytes.size(), " bytes is cut");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(bytes[i]); };
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) return unsupported("npy version ", version, " (accepted: 1, 2, 3)");
  const std::size_t begin = version == 1 ? 10 : 12;
  const std::size_t size = byte(8) | byte(9) << 8 | (version == 1 ? 0 : byte(10) << 16 | byte(11) << 24);
  if (size > bytes.size() - begin) return corrupt("npy header of ", size, " bytes is cut");
  return Header{text.substr(begin, size), bytes.subspan(begin + size)};
}

/// An npy file taken apart; its data is as long as its type says.
struct Layout {
  TensorType type;
  bool fortran = false;
  ByteSpan data;
};

Result<Layout> read_layout(ByteSpan bytes) {
  GRAUPEL_TRY(const Header header, split_header(bytes));
  GRAUPEL_TRY(const std::string_view descr, after_key(header.text, "descr"));
  const std::size_t quote = descr.find('\'', 1);
  if (descr.front() != '\'' || quote == std::string_view::npos)
    return unsupported("npy arrays of structured element types");
  Layout layout{{}, false, header.data};
  GRAUPEL_TRY(layout.type.dtype, parse_descr(descr.substr(1, quote - 1)));
  GRAUPEL_TRY(const std::string_view order, after_key(header.text, "fortran_order"));
  layout.fortran = order.starts_with("True");
  if (!layout.fortran && !order.starts_with("False")) return corrupt("npy fortran_order is neither True nor False");
  GRAUPEL_TRY(const std::string_view shape, after_key(header.text, "shape"));
  GRAUPEL_TRY(layout.type.shape, parse_shape(shape));
  if (layout.type.bytes() != layout.data.size())
    return corrupt("npy array of ", to_string(layout.type.dtype), " ", to_string(layout.type.shape), " needs ",
                   layout.type.bytes(), " bytes but ", layout.data.size(), " follow its header");
  return layout;
}

}  // namespace

Bytes save_npy(const Tensor& tensor) {
  std::string shape;
  for (int64_t extent : tensor.type.shape) shape += cat(extent, ", ");
  if (tensor.type.shape.size() == 1) {
    shape.pop_back();
  } else if (!shape.empty()) {
    shape.resize(shape.size() - 2);
  }
  const auto* row = std::find_if(std::begin(kDescrs), std::end(kDescrs),
                                 [&](const Descr& descr) { return descr.dtype == tensor.type.dtype; });
  std::string header = cat("{'descr': '", row->text, "', 'fortran_order': False, 'shape': (", shape, "), }");
  header.resize(align_up(10 + header.size() + 1, 64) - 11, ' ');
  header += '\n';
  std::string start =
      cat(kMagic, '\x01', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8), header);
  Bytes bytes = to_bytes(start);
  const ByteSpan data = tensor.bytes();
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

Result<TensorType> npy_type(ByteSpan bytes) {
  GRAUPEL_TRY(Layout layout, read_layout(bytes));
  return std::move(layout.type);
}

Result<Tensor> load_npy(ByteSpan bytes) {
  GRAUPEL_TRY(Layout layout, read_layout(bytes));
  Shape& shape = layout.type.shape;
  if (layout.fortran) std::reverse(shape.begin(), shape.end());
  auto data = std::make_shared<Bytes>(layout.data.begin(), layout.data.end());
  if (layout.type.dtype == DType::kBool)
    for (std::byte& value : *data) value = value == std::byte{0} ? std::byte{0} : std::byte{1};
  const Tensor tensor{layout.type, std::move(data)};
  if (!layout.fortran) return tensor;
  std::vector<int> reversed(shape.size());
  for (std::size_t i = 0; i < reversed.size(); ++i) reversed[i] = static_cast<int>(reversed.size() - 1 - i);
  return transposed(tensor, reversed);
}

Result<Bytes> save_npz(std::span<const NamedTensor> tensors) {
  std::vector<Member> members;
  members.reserve(tensors.size());
  for (const NamedTensor& named : tensors) members.push_back({named.name + ".npy", save_npy(named.tensor)});
  return write_zip(members);
}

Result<std::vector<NamedTensor>> load_npz(ByteSpan bytes, std::size_t limit_bytes) {
  GRAUPEL_TRY(const std::vector<Member> members, read_zip(bytes, limit_bytes));
  std::vector<NamedTensor> tensors;
  tensors.reserve(members.size());
  for (const Member& member : members) {
    std::string name = member.name;
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    GRAUPEL_TRY(Tensor tensor, load_npy(member.data).within("member '", member.name, "'"));
    tensors.push_back({std::move(name), std::move(tensor)});
  }
  return tensors;
}

}  // namespace graupel
