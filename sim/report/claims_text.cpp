// The claims table for people.
#include <cmath>

#include <fmt/format.h>

#include <colossim/report/claims.hpp>

namespace colossim {

namespace {

constexpr std::size_t columns = 100;

/// Cuts at the last word that fits.
std::string shortened(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text;
  const std::size_t space = text.rfind(' ', width - 4);
  return text.substr(0, space == std::string::npos ? width - 4 : space) + " ...";
}

std::string found_text(const ClaimResult& claim) {
  if (claim.found.empty()) return "";
  const std::string& found = claim.found;
  switch (claim.test) {
    case ClaimTest::arithmetic:
      return "arithmetic " + found;
    case ClaimTest::comparison:
      return claim.as == "ratio" ? fmt::format("found {} times {}", found, claim.base)
                                 : fmt::format("found {} vs {}", found, claim.base);
    case ClaimTest::run:
    case ClaimTest::nothing:
      break;
  }
  return "found " + found;
}

std::string verdict_text(const ClaimResult& claim) {
  std::string text{verdict_name(claim.verdict)};
  if (claim.verdict == Verdict::implausible)
    text += std::isfinite(claim.factor) ? fmt::format(" by {:.1f}", claim.factor)
                                        : std::string{", other sign"};
  if (claim.rivals.empty()) return text;
  const std::string rivals = fmt::format("{}", fmt::join(claim.rivals, ", "));
  return claim.verdict == Verdict::contradicts ? fmt::format("{} {}", text, rivals)
                                               : fmt::format("{}, contradicts {}", text, rivals);
}

/// What --hull adds: ` with tariff.energy = 78.4 USD/MWh`; `keys` of the path are kept.
std::string assumption_text(const ClaimResult& claim, std::size_t keys) {
  const auto last_keys = [&](const std::string& assumption) {
    const std::size_t equals = assumption.find(" = ");
    std::size_t from = equals;
    for (std::size_t i = 0; i < keys && from != std::string::npos && from > 0; ++i)
      from = assumption.rfind('.', from - 1);
    return from == std::string::npos || from == 0 ? assumption : assumption.substr(from + 1);
  };
  if (!claim.only_with.empty()) return "; only with " + last_keys(claim.only_with);
  if (!claim.not_with.empty()) return "; not with " + last_keys(claim.not_with);
  return claim.nearest.empty() ? "" : "; nearest with " + last_keys(claim.nearest);
}

/// `says 2 to 3 MUSD/d, found 157.5 kUSD/d: implausible by 12.7; nearest with ...`. What is too
/// long loses the beginning of the assumption's path, then what the claim says, as its text tells;
/// an assumption that still does not fit gets a line of its own.
std::string judgement(const ClaimResult& claim, std::size_t width) {
  const std::string found = found_text(claim);
  const std::string says = claim.says.empty() ? "" : "says " + claim.says;
  const std::string between = says.empty() || found.empty() ? "" : ", ";
  const auto judged = [&](const std::string& numbers) {
    return numbers + (numbers.empty() ? "" : ": ") + verdict_text(claim);
  };
  const std::string whole = judged(says + between + found);
  const std::string brief = judged(found.empty() ? says : found);
  for (const std::string& text : {whole, brief}) {
    for (const std::size_t keys : {8, 3, 2, 1}) {
      std::string line = text + assumption_text(claim, keys);
      if (line.size() <= width) return line;
    }
  }
  const std::string assumption = assumption_text(claim, 2);
  const std::string first = shortened(whole.size() <= width ? whole : brief, width);
  return assumption.empty()
             ? first
             : fmt::format("{}\n    {}", first, shortened(assumption.substr(2), width));
}

}  // namespace

std::string claims_text(const std::vector<ClaimResult>& claims) {
  std::string text;
  for (const ClaimResult& claim : claims) {
    const std::string judged = judgement(claim, columns - 4);
    const bool is_one_line = judged.find('\n') == std::string::npos;
    if (is_one_line && claim.claim.size() + judged.size() + 4 <= columns) {
      text += fmt::format("  {}; {}\n", claim.claim, judged);
    } else {
      text += fmt::format("  {}\n    {}\n", shortened(claim.claim, columns - 2), judged);
    }
  }
  return text;
}

}  // namespace colossim
