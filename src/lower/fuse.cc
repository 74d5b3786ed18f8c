#include <algorithm>

#include "lower/draft.h"
#include "ops/moves.h"

namespace graupel {
namespace {

using Table = std::vector<uint16_t>;  ///< codes of any type, widened

Table read_table(const Draft& draft, ConstRef ref, DType element) {
  Table table;
  with_codes(element, [&]<class T>(T) {
    const T* codes = at<T>(draft.constants.bytes().data(), ref);
    table.assign(codes, codes + ref.size / sizeof(T));
  });
  return table;
}

ConstRef add_table(Draft& draft, const Table& table, DType element) {
  if (element == DType::kU16) return draft.constants.add(std::span<const uint16_t>(table));
  const std::vector<uint8_t> codes(table.begin(), table.end());
  return draft.constants.add(std::span<const uint8_t>(codes));
}

/// `second` after `first`, which may be several tables.
Table composed(Table first, const Table& second) {
  for (uint16_t& code : first) code = second[code];
  return first;
}

/// The table that `part` sends one operand through, when that is all it does.
const LutParams* whole_look_up(const Part& part) {
  if (part.steps.size() != 1 || part.steps[0].src.size() != 1 || part.steps[0].src[0].input < 0) return nullptr;
  const auto* lut = std::get_if<LutParams>(&part.steps[0].params);
  return lut != nullptr && lut->tables == 1 ? lut : nullptr;
}

/// Where a family keeps a table that is applied last, and the type of the codes that come out; null when it keeps none.
struct LastTable {
  ConstRef* table = nullptr;
  DType* element = nullptr;
};
template <class P>
LastTable last_table(P& params) {
  if constexpr (requires { params.epilogue.table; }) return {&params.epilogue.table, &params.out.element};
  if constexpr (std::is_same_v<P, LutParams>) return {&params.table, &params.out.element};
  return {};
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

  Result<> run() {
    for (Part& part : draft_.parts)
      if (const LutParams* lut = whole_look_up(part)) fuse(part, *lut);
    std::erase_if(draft_.parts, [](const Part& part) { return part.steps.empty(); });
    for (Part& part : draft_.parts) GRAUPEL_DO(drop_identity(part));
    return {};
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
    const LastTable last = std::visit([](auto& params) { return last_table(params); }, before.steps[0].params);
    if (last.table == nullptr) return;
    Table codes = read_table(draft_, lut.table, lut.out.element);
    if (*last.table) codes = composed(read_table(draft_, *last.table, *last.element), codes);
    *last.table = add_table(draft_, codes, lut.out.element);
    *last.element = lut.out.element;
    before.out = part.out;
    producer_[index(part.out)] = producer_[index(operand)];
    part.steps.clear();
  }

  /// A table that changes no code leaves an epilogue; a look-up in one is a copy.
  Result<> drop_identity(Part& part) {
    if (const LutParams* lut = whole_look_up(part)) {
      if (lut->in.element != lut->out.element || !is_identity(lut->table, lut->out.element)) return {};
      const int64_t elements = element_count(draft_.graph[part.out].type.shape);
      GRAUPEL_TRY(Step copy, move_step(Move{{{elements, 1, 1}}, 0, 0}, part.steps[0].src[0].input, lut->out.element));
      part.steps[0] = std::move(copy);
      return {};
    }
    for (Step& step : part.steps)
      std::visit(
          [&](auto& params) {
            if constexpr (requires { params.epilogue.table; })
              if (params.epilogue.table && is_identity(params.epilogue.table, params.out.element))
                params.epilogue.table = {};
          },
          step.params);
    return {};
  }

  bool is_identity(ConstRef ref, DType element) const {
    const Table codes = read_table(draft_, ref, element);
    for (std::size_t code = 0; code < codes.size(); ++code)
      if (codes[code] != code) return false;
    return codes.size() == static_cast<std::size_t>(most_code(element)) + 1;
  }

  Draft& draft_;
  std::vector<int> readers_;
  std::vector<std::size_t> producer_;
};

}  // namespace

Result<> fuse_tables(Draft& draft) { return TableFusion(draft).run(); }

}  // namespace graupel
