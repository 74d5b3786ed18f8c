#include <algorithm>

#include "lower/draft.h"

namespace graupel {
namespace {

constexpr std::size_t kCodes = 256;

using Table = std::vector<uint8_t>;

Table read_table(const Draft& draft, ConstRef ref) {
  const auto* codes = at<uint8_t>(draft.constants.bytes().data(), ref);
  return Table(codes, codes + ref.size);
}

/// `second` after `first`, which may be several tables.
Table composed(Table first, const Table& second) {
  for (uint8_t& code : first) code = second[code];
  return first;
}

/// The table that `part` sends one operand through, when that is all it does.
const LutParams* whole_look_up(const Part& part) {
  if (part.steps.size() != 1 || part.steps[0].src.size() != 1 || part.steps[0].src[0].input < 0) return nullptr;
  const auto* lut = std::get_if<LutParams>(&part.steps[0].params);
  return lut != nullptr && lut->table.size == kCodes ? lut : nullptr;
}

/// Where a family keeps a table that is applied last, or null.
template <class P>
ConstRef* last_table(P& params) {
  if constexpr (requires { params.epilogue.table; }) return &params.epilogue.table;
  if constexpr (std::is_same_v<P, LutParams>) return &params.table;
  return nullptr;
}

class TableFusion {
 public:
  explicit TableFusion(Draft& draft)
      : draft_(draft), readers_(draft.graph.values.size()), producer_(draft.graph.values.size(), kNone) {
    for (std::size_t i = 0; i < draft.parts.size(); ++i) {
      for (ValueId id : draft.parts[i].in) ++readers_[index(id)];
      producer_[index(draft.parts[i].out)] = i;
    }
    for (ValueId id : draft.graph.outputs) ++readers_[index(id)];
  }

  void run() {
    for (Part& part : draft_.parts)
      if (const LutParams* lut = whole_look_up(part)) fuse(part, *lut);
    std::erase_if(draft_.parts, [](const Part& part) { return part.steps.empty(); });
  }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;
  static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

  /// Moves the look-up of `part` into the producer of its operand, if that is possible; then `part` is left empty.
  void fuse(Part& part, const LutParams& lut) {
    const ValueId operand = part.in[static_cast<std::size_t>(part.steps[0].src[0].input)];
    if (readers_[index(operand)] != 1 || producer_[index(operand)] == kNone) return;
    Part& before = draft_.parts[producer_[index(operand)]];
    if (before.steps.size() != 1) return;
    ConstRef* table = std::visit([](auto& params) { return last_table(params); }, before.steps[0].params);
    if (table == nullptr) return;
    Table codes = read_table(draft_, lut.table);
    if (*table) codes = composed(read_table(draft_, *table), codes);
    *table = draft_.constants.add(std::span<const uint8_t>(codes));
    before.out = part.out;
    producer_[index(part.out)] = producer_[index(operand)];
    part.steps.clear();
  }

  Draft& draft_;
  std::vector<int> readers_;
  std::vector<std::size_t> producer_;
};

}  // namespace

void fuse_tables(Draft& draft) { TableFusion(draft).run(); }

}  // namespace graupel
