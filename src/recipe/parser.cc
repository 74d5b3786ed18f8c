#include "recipe/bind.h"
#include "recipe/lexer.h"

namespace graupel {
namespace {

constexpr int kDeepestList = 16;

class Parser {
 public:
  explicit Parser(std::vector<ScriptToken> tokens) : tokens_(std::move(tokens)) {}

  Result<Recipe> run() {
    Recipe recipe;
    while (true) {
      while (peek().kind == ScriptToken::Kind::kNewline) ++at_;
      if (peek().kind == ScriptToken::Kind::kEnd) return recipe;
      GRAUPEL_TRY(RecipeCommand command, statement());
      GRAUPEL_DO(bind_command(command));
      recipe.commands.push_back(std::move(command));
    }
  }

 private:
  const ScriptToken& peek() const { return tokens_[at_]; }
  const ScriptToken& take() { return tokens_[at_++]; }

  Error expected(std::string_view what) const {
    const ScriptToken& token = peek();
    const bool ended = token.kind == ScriptToken::Kind::kNewline || token.kind == ScriptToken::Kind::kEnd;
    return invalid(token.at.text(), ": expected ", what, ", found ",
                   ended ? std::string("the end of the line") : cat("'", token.text, "'"));
  }

  Result<ScriptToken> name(std::string_view what) {
    if (peek().kind != ScriptToken::Kind::kName) return expected(what);
    return take();
  }

  Result<RecipeCommand> statement() {
    RecipeCommand command;
    command.at = peek().at;
    if (peek().kind == ScriptToken::Kind::kGlob && peek().text.empty()) {
      ++at_;
      command.braces = true;
      if (!peek().is('=')) return expected("'=' behind {}");
      ++at_;
    }
    GRAUPEL_TRY(ScriptToken first, name("a command"));
    while (!command.braces && (peek().is(',') || peek().is('='))) {
      command.returns.push_back(first.text);
      const bool last = take().is('=');
      GRAUPEL_TRY(first, name(last ? "a command" : "a name to bind"));
      if (last) break;
      if (!peek().is(',') && !peek().is('=')) return expected("',' or '='");
    }
    command.name = first.text;
    if (const std::size_t dot = command.name.rfind('.'); dot != std::string::npos) {
      command.object = command.name.substr(0, dot);
      command.name.erase(0, dot + 1);
    }
    if (!peek().is('(')) return expected(cat("'(' behind '", first.text, "'"));
    const ScriptPosition opened = take().at;
    GRAUPEL_DO(arguments(command, opened));
    if (peek().kind == ScriptToken::Kind::kEnd) return command;
    if (peek().kind != ScriptToken::Kind::kNewline) return expected("one command per line");
    return command;
  }

  Result<> arguments(RecipeCommand& command, ScriptPosition opened) {
    while (!peek().is(')')) {
      if (peek().kind == ScriptToken::Kind::kEnd) return invalid(opened.text(), ": this ( is never closed");
      GRAUPEL_TRY(ScriptArgument argument, this->argument());
      if (argument.name.empty() && !command.arguments.empty() && !command.arguments.back().name.empty())
        return invalid(argument.at.text(), ": a value without a name stands behind one with a name; name it too");
      command.arguments.push_back(std::move(argument));
      if (peek().is(',')) {
        ++at_;
      } else if (!peek().is(')')) {
        return peek().kind == ScriptToken::Kind::kEnd ? invalid(opened.text(), ": this ( is never closed")
                                                      : expected("',' or ')'");
      }
    }
    ++at_;
    return {};
  }

  Result<ScriptArgument> argument() {
    ScriptArgument argument;
    argument.at = peek().at;
    if (peek().kind == ScriptToken::Kind::kName && tokens_[at_ + 1].is('=')) {
      argument.name = take().text;
      ++at_;
    }
    GRAUPEL_TRY(argument.value, value(0));
    return argument;
  }

  Result<ScriptValue> value(int depth) {
    const ScriptToken token = peek();
    ScriptValue value;
    value.at = token.at;
    value.text = token.text;
    value.number = token.number;
    switch (token.kind) {
      case ScriptToken::Kind::kNumber: value.kind = ScriptValue::Kind::kNumber; break;
      case ScriptToken::Kind::kString: value.kind = ScriptValue::Kind::kString; break;
      case ScriptToken::Kind::kGlob: value.kind = ScriptValue::Kind::kGlob; break;
      case ScriptToken::Kind::kName: {
        const bool flag = token.text == "True" || token.text == "False";
        value.kind = flag ? ScriptValue::Kind::kFlag : ScriptValue::Kind::kWord;
        break;
      }
      default:
        if (!token.is('[')) return expected("a value");
        return list(depth);
    }
    ++at_;
    return value;
  }

  Result<ScriptValue> list(int depth) {
    ScriptValue list;
    list.kind = ScriptValue::Kind::kList;
    list.at = take().at;
    if (depth == kDeepestList) return invalid(list.at.text(), ": lists nest more than ", kDeepestList, " deep");
    while (!peek().is(']')) {
      if (peek().kind == ScriptToken::Kind::kEnd) return invalid(list.at.text(), ": this [ is never closed");
      GRAUPEL_TRY(ScriptValue item, value(depth + 1));
      list.items.push_back(std::move(item));
      if (peek().is(','))
        ++at_;
      else if (!peek().is(']'))
        return expected("',' or ']'");
    }
    ++at_;
    return list;
  }

  std::vector<ScriptToken> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Recipe> parse_recipe(std::string_view text) {
  GRAUPEL_TRY(std::vector<ScriptToken> tokens, tokenize_script(text));
  return Parser(std::move(tokens)).run();
}

}  // namespace graupel
