// Which taps show the layers that somebody names.
#include <algorithm>

#include "base/nearest_names.h"
#include "runtime/session.h"

namespace graupel {
namespace {

void add_called(const Program& program, std::string_view wanted, std::vector<std::size_t>& found) {
  for (std::size_t i = 0; i < program.taps.size(); ++i)
    if (is_called(program.layer_names[program.taps[i].layer], wanted)) found.push_back(i);
}

/// Of a layer with instructions but no tap: the nearest layer behind it that its last instruction completes.
void add_fused(const Program& program, std::string_view wanted, std::vector<std::size_t>& found) {
  std::optional<std::size_t> last, shown;
  for (std::size_t i = 0; i < program.instrs.size(); ++i)
    if (is_called(program.layer_names[program.instrs[i].layer], wanted)) last = i;
  if (!last) return;
  for (std::size_t i = 0; i < program.taps.size(); ++i)
    if (program.taps[i].last_instr == *last && (!shown || program.taps[i].layer < program.taps[*shown].layer))
      shown = i;
  if (shown) found.push_back(*shown);
}

}  // namespace

bool is_called(std::string_view layer, std::string_view wanted) {
  if (layer == wanted || wanted.empty()) return layer == wanted;
  return layer.ends_with(wanted) && layer[layer.size() - wanted.size() - 1] == '/';
}

Result<std::vector<std::size_t>> find_taps(const Program& program, std::span<const std::string> layers) {
  std::vector<std::size_t> found;
  for (const std::string& layer : layers) {
    const std::size_t before = found.size();
    add_called(program, layer, found);
    if (found.size() == before) add_fused(program, layer, found);
    if (found.size() > before) continue;
    std::vector<std::string> names;
    for (const Tap& tap : program.taps) names.push_back(program.layer_names[tap.layer]);
    return not_found(
        "layer '", layer, "' has no output of its own in program '", program.name,
        "': there is no such layer, or it became part of another; nearest: ", quoted_list(nearest_names(layer, names)));
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
    return program.taps[a].last_instr < program.taps[b].last_instr;
  });
  return found;
}

}  // namespace graupel
