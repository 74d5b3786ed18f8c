// Any bytes as a model script: an error, or a recipe whose printed text parses back to an equal one.
#include "base/check.h"
#include "recipe/layer_names.h"
#include "recipe/recipe.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace graupel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto recipe = parse_recipe(text);
  (void)matches_pattern(text.substr(0, size / 2), text.substr(size / 2));
  if (!recipe.ok()) return 0;
  const std::string printed = print_recipe(*recipe);
  const auto again = parse_recipe(printed);
  check(again.ok() && *again == *recipe && print_recipe(*again) == printed, "a printed recipe parses to an equal one");
  return 0;
}
