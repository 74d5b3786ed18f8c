#include "recipe/lexer.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace graupel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }
/// What names and numbers are made of: "conv13_sd0-3", "net/ew_add1", "context0.place", "-1.5e-4", "25m".
bool is_run(char c) { return is_letter(c) || is_digit(c) || c == '/' || c == '.' || c == '-' || c == '+'; }

std::optional<double> seconds_per(std::string_view unit) {
  if (unit.empty() || unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  if (unit == "d") return 86400;
  return std::nullopt;
}

/// A number with or without a unit of time; none when `run` is no such thing.
std::optional<double> number_of(std::string_view run) {
  std::string_view rest = run;
  if (rest.starts_with('+')) rest.remove_prefix(1);
  const std::string_view unsigned_part = rest.starts_with('-') ? rest.substr(1) : rest;
  if (unsigned_part.empty() || (!is_digit(unsigned_part[0]) && unsigned_part[0] != '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc()) return std::nullopt;
  const auto factor = seconds_per(rest.substr(static_cast<std::size_t>(end - rest.data())));
  if (!factor) return std::nullopt;
  return value * *factor;
}

bool is_name(std::string_view run) {
  return (is_letter(run[0]) || is_digit(run[0])) && std::any_of(run.begin(), run.end(), is_letter) &&
         run.find('+') == std::string_view::npos;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  Result<std::vector<ScriptToken>> run() {
    while (!at_end()) GRAUPEL_DO(next());
    here_ = position();
    add(ScriptToken::Kind::kEnd, "");
    return std::move(tokens_);
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return text_[at_]; }
  ScriptPosition position() const { return {line_, static_cast<int>(at_ - line_begin_) + 1}; }

  void add(ScriptToken::Kind kind, std::string_view text, double number = 0) {
    tokens_.push_back({kind, std::string(text), number, here_});
  }

  Result<> next() {
    here_ = position();
    const char c = peek();
    if (is_blank(c)) {
      ++at_;
    } else if (c == '#') {
      while (!at_end() && peek() != '\n') ++at_;
    } else if (c == '\n') {
      newline();
    } else if (c == '"' || c == '\'') {
      return string(c);
    } else if (c == '{') {
      return glob();
    } else if (is_run(c)) {
      return name_or_number();
    } else if (std::string_view("()[],=").find(c) != std::string_view::npos) {
      depth_ = std::max(0, depth_ + (c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0));
      add(ScriptToken::Kind::kPunctuation, text_.substr(at_, 1));
      ++at_;
    } else {
      return unexpected(c);
    }
    return {};
  }

  void newline() {
    if (depth_ == 0) add(ScriptToken::Kind::kNewline, "");
    ++at_;
    ++line_;
    line_begin_ = at_;
  }

  Error unexpected(char c) const {
    const auto code = static_cast<unsigned>(static_cast<unsigned char>(c));
    const std::string shown = code >= 0x20 && code < 0x7F ? cat("'", c, "'") : cat("the byte ", code);
    return invalid(here_.text(), ": ", shown, " has no meaning here; comments start with '#'");
  }

  Result<> string(char quote) {
    const std::size_t begin = ++at_;
    while (!at_end() && peek() != quote && peek() != '\n') ++at_;
    if (at_end() || peek() == '\n') return invalid(here_.text(), ": the string has no closing ", quote, " on its line");
    add(ScriptToken::Kind::kString, text_.substr(begin, at_ - begin));
    ++at_;
    return {};
  }

  // Braces nest, so that {conv[0-9]{1,2}} is one glob.
  Result<> glob() {
    const std::size_t begin = ++at_;
    for (int open = 1; !at_end() && peek() != '\n'; ++at_) {
      open += peek() == '{' ? 1 : peek() == '}' ? -1 : 0;
      if (open > 0) continue;
      add(ScriptToken::Kind::kGlob, text_.substr(begin, at_ - begin));
      ++at_;
      return {};
    }
    return invalid(here_.text(), ": the pattern has no closing } on its line");
  }

  Result<> name_or_number() {
    const std::size_t begin = at_;
    while (!at_end() && is_run(peek())) ++at_;
    const std::string_view run = text_.substr(begin, at_ - begin);
    if (const auto number = number_of(run)) {
      add(ScriptToken::Kind::kNumber, run, *number);
    } else if (is_name(run)) {
      add(ScriptToken::Kind::kName, run);
    } else {
      return invalid(here_.text(), ": '", run, "' is neither a name nor a number (units of time: s, m, h, d)");
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, line_begin_ = 0;
  int line_ = 1, depth_ = 0;
  ScriptPosition here_;
  std::vector<ScriptToken> tokens_;
};

}  // namespace

Result<std::vector<ScriptToken>> tokenize_script(std::string_view text) { return Lexer(text).run(); }

}  // namespace graupel
