#include "lower/emit.h"

#include <algorithm>
#include <map>

#include "lower/plan.h"
#include "program/region.h"

namespace graupel {
namespace {

/// Calls visit(ref) for every ConstRef in a struct of fields.
template <class T, class Visit>
void each_constant(T& object, const Visit& visit) {
  for_each_field(object, [&](std::string_view, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, ConstRef>)
      visit(member);
    else if constexpr (HasFields<Member>)
      each_constant(member, visit);
  });
}

class Emitter {
 public:
  Emitter(const Draft& draft, const Placement& placement) : draft_(draft), placement_(placement) {}

  Result<Program> run() {
    const Graph& graph = draft_.graph;
    program_.name = graph.name;
    for (const Layer& layer : graph.layers) program_.layer_names.push_back(layer.name);
    for (const Part& part : draft_.parts)
      for (const Step& step : part.steps)
        GRAUPEL_DO(add_instr(part, step).within("layer '", graph.layers[part.layer].name, "'"));
    GRAUPEL_TRY(const ArenaPlan plan, plan_arena(lifetimes()));
    offsets_ = plan.offsets;
    program_.arena_size = plan.bytes;
    set_places();
    add_ports();
    add_taps();
    program_.constants = std::move(constants_).take();
    return std::move(program_);
  }

 private:
  /// Operands of the instruction of the same number; no value: a place in the constants, already set.
  struct Operands {
    std::vector<std::optional<ValueId>> src;
    ValueId dst{};
  };

  const Home& home(ValueId id) const { return *placement_.homes[static_cast<std::size_t>(id)]; }
  /// In bytes.
  uint32_t offset(ValueId id) const {
    return offsets_[home(id).buffer] + static_cast<uint32_t>(home(id).offset * bytes_each(id));
  }
  int64_t bytes_each(ValueId id) const { return code_bytes(draft_.graph[id].type.dtype); }

  /// The constants that are still referred to, each once, in the order of their first use.
  ConstRef moved(ConstRef ref) {
    if (!ref) return ref;
    const auto [known, fresh] = moved_.try_emplace({ref.offset, ref.size});
    if (fresh) known->second = constants_.add_bytes(ByteSpan(draft_.constants.bytes()).subspan(ref.offset, ref.size));
    return known->second;
  }

  Result<ConstRef> codes_of(ValueId id) {
    const Tensor& tensor = *draft_.graph[id].constant;
    if (!is_codes(tensor.type.dtype))
      return unsupported("operand '", draft_.graph[id].name, "' is a constant of ", to_string(tensor.type),
                         "; an operand in the constants must be codes");
    const auto [known, fresh] = constant_values_.try_emplace(id);
    if (fresh) known->second = constants_.add_bytes(tensor.bytes());
    return known->second;
  }

  Result<> add_instr(const Part& part, const Step& step) {
    Instr instr{step.params, {}, {}, part.layer};
    Operands operands{{}, part.out};
    for (const Step::Source& source : step.src) {
      if (source.input >= 0 && !draft_.is_constant(part.in[static_cast<std::size_t>(source.input)])) {
        operands.src.push_back(part.in[static_cast<std::size_t>(source.input)]);
        instr.src.push_back({});
        continue;
      }
      ConstRef ref;
      if (source.input < 0) {
        ref = moved(source.constant);
      } else {
        GRAUPEL_TRY(ref, codes_of(part.in[static_cast<std::size_t>(source.input)]));
      }
      operands.src.push_back({});
      instr.src.push_back({Place::Space::kConstants, ref.offset});
    }
    std::visit([&](auto& params) { each_constant(params, [&](ConstRef& ref) { ref = moved(ref); }); }, instr.params);
    program_.instrs.push_back(std::move(instr));
    operands_.push_back(std::move(operands));
    return {};
  }

  std::vector<Lifetime> lifetimes() const {
    const auto last = static_cast<int64_t>(operands_.size());
    std::vector<Lifetime> buffers;
    for (int64_t bytes : placement_.buffer_bytes) buffers.push_back({bytes, last, -1});
    const auto note = [&](ValueId id, int64_t time) {
      Lifetime& own = buffers[home(id).buffer];
      own.begin = std::min(own.begin, time);
      own.end = std::max(own.end, time);
    };
    // Inputs outlast the first instruction, after which views of them are tapped.
    for (ValueId id : draft_.graph.inputs) {
      note(id, -1);
      note(id, 0);
    }
    for (ValueId id : draft_.graph.outputs) note(id, last);
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      note(operands_[i].dst, static_cast<int64_t>(i));
      for (const std::optional<ValueId>& id : operands_[i].src)
        if (id) note(*id, static_cast<int64_t>(i));
    }
    return buffers;
  }

  void set_places() {
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      Instr& instr = program_.instrs[i];
      instr.dst = {Place::Space::kArena, offset(operands_[i].dst)};
      for (std::size_t s = 0; s < instr.src.size(); ++s)
        if (operands_[i].src[s]) instr.src[s] = {Place::Space::kArena, offset(*operands_[i].src[s])};
    }
  }

  void add_ports() {
    const Graph& graph = draft_.graph;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
      Port port = port_of(graph.inputs[i], graph.input_info[i]);
      port.name = cat("input_layer", i + 1);
      port.preprocess = graph.input_info[i].preprocess;
      program_.inputs.push_back(std::move(port));
    }
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      program_.outputs.push_back(port_of(graph.outputs[i], graph.output_info[i]));
    for (std::size_t i = 0; i < program_.outputs.size(); ++i) program_.outputs[i].name = output_name(i);
  }

  /// The name of the layer that computes it; numbered when that is an output already.
  std::string output_name(std::size_t number) const {
    const Graph& graph = draft_.graph;
    std::string name = graph[graph.outputs[number]].name;
    for (const Layer& layer : graph.layers)
      if (layer.out[0] == graph.outputs[number]) name = layer.name;
    const auto before = std::count(graph.outputs.begin(), graph.outputs.begin() + static_cast<std::ptrdiff_t>(number),
                                   graph.outputs[number]);
    return before == 0 ? name : cat(name, "_", before + 1);
  }

  Port port_of(ValueId id, const PortInfo& info) const {
    Port port;
    port.name = draft_.graph[id].name;
    port.type = draft_.graph[id].type;
    port.offset = offset(id);
    if (!info.origin.empty()) port.origins.push_back(info.origin);
    port.order = info.order;
    return port;
  }

  Region region(ValueId id) const {
    const Runs runs = home(id).runs;
    const Stride dims[] = {{element_count(draft_.graph[id].type.shape) / runs.run, runs.stride}, {runs.run, 1}};
    return scaled_region(strided_region(home(id).offset, dims), bytes_each(id));
  }

  /// The instruction after which all of a value is in its home; nothing when there is none.
  std::optional<uint32_t> completed(ValueId id) const {
    const Region own = region(id);
    for (std::size_t i = operands_.size(); i-- > 0;)
      if (home(operands_[i].dst).buffer == home(id).buffer && !disjoint(region(operands_[i].dst), own))
        return static_cast<uint32_t>(i);
    // A view of a graph input is there from the start.
    if (operands_.empty()) return {};
    return 0;
  }

  void add_taps() {
    const Graph& graph = draft_.graph;
    for (uint32_t layer = 0; layer < graph.layers.size(); ++layer) {
      const ValueId id = graph.layers[layer].out[0];
      if (!placement_.homes[static_cast<std::size_t>(id)]) continue;
      const std::optional<uint32_t> last = completed(id);
      if (last) program_.taps.push_back({layer, *last, offset(id), home(id).runs.stride, graph[id].type});
    }
  }

  const Draft& draft_;
  const Placement& placement_;
  Program program_;
  std::vector<Operands> operands_;  ///< parallel to program_.instrs
  std::vector<uint32_t> offsets_;   ///< by buffer
  Constants constants_;
  std::map<std::pair<uint32_t, uint32_t>, ConstRef> moved_;
  std::map<ValueId, ConstRef> constant_values_;
};

}  // namespace

Result<Program> emit_program(const Draft& draft, const Placement& placement) { return Emitter(draft, placement).run(); }

}  // namespace graupel
