// What any contract may carry: delivery, closing, default, options.
#include <algorithm>
#include <cmath>

#include "contract_generator.hpp"

namespace colossim::test {

namespace {

constexpr std::int64_t shortest_month = 28 * 24;  // hours

}  // namespace

std::string ContractGenerator::terms(Deal& deal) {
  std::string text;
  if (!deal.waits && (deal.first > 0 || dice_.chance(0.3)))
    text += ", start: " + date_text(drawn_.date(deal.first));
  text += Text{", term: {} month", deal.months}.string;
  if (deal.delay > 0 || dice_.chance(0.1)) text += closing(deal);
  if (dice_.chance(0.2)) text += default_clause(deal);
  return text + options(deal);
}

std::string ContractGenerator::closing(const Deal& deal) {
  std::string text = Text{", closing: {{delay: {} h", deal.delay}.string;
  if (dice_.chance(0.4)) text += Text{", refusal: {} %", dice_.integer(0, 60)}.string;
  if (deal.site != nullptr && dice_.chance(0.5))
    text += Text{", share_cap: {} %", dice_.integer(10, 100)}.string;
  return text + "}";
}

/// Likely enough to happen within the run.
std::string ContractGenerator::default_clause(Deal& deal) {
  const double often = dice_.between(0.1, 4) / static_cast<double>(drawn_.days);
  std::string text =
      Text{", default: {{hazard: {:.5f} 1/d, loss: {} %, vacancy: {} month", std::min(0.8, often),
           dice_.integer(0, 100), dice_.chance(0.8) ? 0 : dice_.integer(1, 2)}
          .string;
  if (deal.site != nullptr && deal.lasts && deal.depth < 2 && dice_.chance(0.4))
    text += ", then: " + follow(deal, deal.gpus);
  return text + "}";
}

std::string ContractGenerator::options(Deal& deal) {
  std::string text;
  for (std::int64_t i = dice_.chance(0.45) ? 0 : dice_.integer(1, 3); i > 0; --i) {
    Option next{Text{"o{}", i}.string, option_kind(deal), {}};
    text += Text{"{}{}: {}", text.empty() ? "" : ", ", next.name, option(deal, next)}.string;
    deal.options.push_back(next);
  }
  return text.empty() ? "" : ", options: {" + text + "}";
}

std::string ContractGenerator::option_kind(const Deal& deal) {
  std::vector<std::string> kinds{"exit"};
  if (deal.kind == "asset_sale") return "exit";
  if (deal.lasts) kinds.emplace_back("renewal");
  if (deal.site != nullptr) kinds.insert(kinds.end(), {"reclaim", "reclaim", "step_down"});
  return dice_.one_of(kinds);
}

std::string ContractGenerator::option(Deal& deal, Option& option) {
  const bool either = option.kind == "exit" || option.kind == "renewal";
  const bool grantor = either ? dice_.chance(0.5) : option.kind == "reclaim";
  option.by = grantor ? deal.grantor : deal.holder;
  const bool long_run = drawn_.days > 28;
  std::string text = Text{"{{kind: {}, by: {}", option.kind, option.by}.string;
  if (dice_.chance(0.4))
    text += Text{", after: {} h", dice_.integer(0, long_run ? 300 : 48)}.string;
  const std::int64_t notice = dice_.chance(0.3) ? 0 : dice_.integer(0, long_run ? 300 : 48);
  if (notice > 0) text += Text{", notice: {} h", notice}.string;
  if (dice_.chance(0.4)) text += Text{", fee: {} h", dice_.integer(0, 800)}.string;
  const std::string exercised = exercise(deal, option, notice);
  text += ", exercise: " + exercised;
  const bool is_valued = deal.kind == "lease" && deal.priced &&
                         (option.kind == "exit" || option.kind == "reclaim") &&
                         exercised.find("kind: value") == std::string::npos;
  for (const Market& market : markets_) {
    if (!is_valued || !market.reverts || !dice_.chance(0.5)) continue;
    text += Text{", valuation: {{market: {}, paths: 500}}", market.name}.string;
    break;
  }
  if (option.kind == "renewal")
    return text + Text{", term: {} month, price_factor: {:.2f}}}", dice_.integer(1, 6),
                       dice_.between(0.5, 2)}
                      .string;
  std::int64_t back = deal.gpus;
  if (option.kind != "exit") {
    const std::int64_t percent = dice_.chance(0.2) ? 100 : dice_.integer(1, 99);
    text += Text{", share: {} %", percent}.string;
    if (dice_.chance(0.5)) text += Text{", every: {} h", dice_.integer(1, 72)}.string;
    back = deal.gpus * percent / 100;
  }
  const bool may_follow = deal.site != nullptr && option.kind != "step_down" && deal.lasts &&
                          deal.depth < 2 && back >= deal.site->step;
  if (may_follow && dice_.chance(0.3)) text += ", then: " + follow(deal, back);
  return text + "}";
}

std::string ContractGenerator::exercise(const Deal& deal, const Option& option,
                                        std::int64_t notice_hours) {
  const bool by_value =
      deal.kind == "lease" && deal.priced && (option.kind == "exit" || option.kind == "reclaim");
  for (const Market& market : markets_) {
    if (by_value && market.reverts && dice_.chance(drawn_.days > 28 ? 0.4 : 0.03))
      return Text{"{{kind: value, market: {}, rate: {} %, paths: 500}}", market.name,
                  dice_.integer(0, 30)}
          .string;
  }
  if (dice_.chance(0.1)) return "{kind: never}";
  const std::string when = dice_.chance(0.5) ? rule(deal) : "";
  if (!when.empty()) return Text{"{{kind: rule, when: {}}}", when}.string;
  const Date first = drawn_.date(deal.first);
  const Date end = first + Period{static_cast<int>(deal.months)};
  const std::int64_t latest = deal.first + days_between(first, end) - notice_hours / 24 - 2;
  return Text{
      "{{kind: date, on: {}}}",
      date_text(drawn_.date(dice_.integer(deal.first, std::min(latest, drawn_.last_day() + 1))))}
      .string;
}

std::string ContractGenerator::rule(const Deal& deal) {
  std::vector<std::string> metrics;
  if (deal.site != nullptr) {
    for (const char* side : {"tenant", "owner"})
      metrics.push_back(
          Text{"utilization.{} {} {} %", side, dice_.chance(0.6) ? "<" : ">", dice_.integer(0, 100)}
              .string);
  }
  for (const Market& market : markets_)
    metrics.push_back(Text{"price.{} {} {:.2f} USD/gpu/h", market.name,
                           dice_.chance(0.5) ? "<" : ">", dice_.between(0.5, 4)}
                          .string);
  for (const DrawnService& service : drawn_.services)
    metrics.push_back(
        Text{"load.{} {} {} %", service.name, dice_.chance(0.5) ? "<" : ">", dice_.integer(1, 150)}
            .string);
  const bool jobs_wait = deal.site != nullptr || deal.kind == "power_purchase";
  for (std::size_t i = 0; i < drawn_.parties.size() && jobs_wait; ++i)
    metrics.push_back(Text{"waiting.{} {} {} gpu", drawn_.parties[i], dice_.chance(0.5) ? "<" : ">",
                           dice_.integer(0, 60)}
                          .string);
  if (metrics.empty()) return {};
  return Text{"{} for {} h", dice_.one_of(metrics),
              dice_.chance(0.5) ? 0 : dice_.integer(1, drawn_.days > 28 ? 200 : 60)}
      .string;
}

std::string ContractGenerator::delivery(const Deal& deal) {
  std::string text;
  std::int64_t due = deal.first;
  const std::int64_t powered = days_between(drawn_.date(deal.site->first_power), ends(deal)) - 3;
  if (dice_.chance(0.3) && powered > 0) {
    text += tranches(deal, due);
  } else if (dice_.chance(0.5)) {
    const double ramp = static_cast<double>(deal.site->all_gpus) /
                        dice_.between(0.3, static_cast<double>(drawn_.days));
    text += Text{", ramp: {:.2f} gpu/d", ramp}.string;
    due += static_cast<std::int64_t>(std::ceil(static_cast<double>(deal.gpus) / ramp));
  }
  if (!transfers_.empty() && dice_.chance(0.75)) text += ", transfer: " + dice_.one_of(transfers_);
  if (dice_.chance(0.6))
    text += ", billing_from: " + dice_.word({"sanitize", "accept", "load", "serve"});
  const Date by = drawn_.date(due + dice_.integer(0, 3));
  const Date end = drawn_.date(deal.first) + Period{static_cast<int>(deal.months)};
  if (by < end && dice_.chance(0.25))
    text += Text{", delivery: {{by: {}, grace: {} month, otherwise: {}}}", date_text(by),
                 dice_.chance(0.8) ? 0 : 1, dice_.word({"accept", "terminate"})}
                .string;
  if (dice_.chance(0.3)) text += liability();
  return text;
}

/// Some whole nodes on each of some days, all together what was agreed.
std::string ContractGenerator::tranches(const Deal& deal, std::int64_t& due) {
  const std::int64_t step = deal.site->step;
  std::int64_t left = deal.gpus / step;
  std::int64_t day = std::max(deal.first, deal.site->first_power) + dice_.integer(0, 2);
  const std::int64_t last = deal.first + days_between(drawn_.date(deal.first), ends(deal)) - 1;
  std::string text;
  while (left > 0) {
    due = std::min(day, last);
    const bool all = day + 4 > last || dice_.chance(0.4);
    const std::int64_t nodes = all ? left : dice_.integer(1, left);
    text += Text{"{}{{on: {}, gpus: {} gpu}}", text.empty() ? "" : ", ",
                 date_text(drawn_.date(due)), nodes * step}
                .string;
    left -= nodes;
    day += dice_.integer(1, 3);
  }
  return ", tranches: [" + text + "]";
}

std::string ContractGenerator::liability() {
  std::string text;
  for (const char* cause : {"curtailment", "late_ramp", "failure", "transfer"}) {
    if (dice_.chance(0.5))
      text +=
          Text{"{}{}: {}", text.empty() ? "" : ", ", cause, dice_.word({"owner", "tenant"})}.string;
  }
  return ", liability: {" + text + "}";
}

}  // namespace colossim::test
