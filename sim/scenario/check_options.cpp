// Contradictions in options: who may use one, whether it can ever take effect, what it waits for.
#include <algorithm>
#include <set>
#include <vector>

#include <colossim/base/did_you_mean.hpp>
#include <colossim/scenario/unit.hpp>

#include "contract_facts.hpp"

namespace colossim {

namespace {

constexpr std::size_t most_hints = 100;
constexpr double most_boundary_prices = 1e7;  // 80 MB

/// What rules may watch: `utilization.tenant`, `price.<market>`, ...
struct RuleMetric {
  std::string name;
  Dimension dimension;
};

std::vector<RuleMetric> rule_metrics(const Scenario& scenario) {
  std::vector<RuleMetric> metrics{{"utilization.tenant", {}}, {"utilization.owner", {}}};
  for (const auto& [name, market] : scenario.markets)
    metrics.push_back({"price." + name, GpuPrice::dimension});
  for (const auto& [name, service] : scenario.services) metrics.push_back({"load." + name, {}});
  for (const auto& [name, party] : scenario.parties)
    metrics.push_back({"waiting." + name, GpuCount::dimension});
  std::sort(metrics.begin(), metrics.end(),
            [](const RuleMetric& a, const RuleMetric& b) { return a.name < b.name; });
  return metrics;
}

/// An option of a contract under check.
struct Option {
  const Deal& deal;
  const std::string& name;
  const OptionSpec& spec;

  [[nodiscard]] std::string path(std::string_view key) const {
    return fmt::format("contracts.{}.options.{}.{}", deal.name, name, key);
  }
  [[nodiscard]] const OptionTerms& terms() const { return terms_of(spec); }
  template <class Kind>
  [[nodiscard]] bool is() const {
    return std::holds_alternative<Kind>(spec);
  }
};

class OptionCheck {
 public:
  explicit OptionCheck(const CheckContext& check)
      : check_(check), metrics_(rule_metrics(check.scenario)) {
    for (const RuleMetric& metric : metrics_) metric_names_.push_back(metric.name);
    for (const Succession& pair : successions(check.scenario)) waiting_.insert(pair.after);
  }

  void run(const Option& option) {
    check_user(option);
    check_kind(option);
    if (check_notice(option)) check_effect(option);
    if (const auto* rule = std::get_if<OnRuleSpec>(&option.terms().exercise))
      check_rule(option, rule->when);
    const auto* by_value = std::get_if<OnValueSpec>(&option.terms().exercise);
    if (by_value != nullptr) check_value(option, "exercise", *by_value);
    const std::optional<ValuationSpec>& valuation = option.terms().valuation;
    if (valuation) check_value(option, "valuation", *valuation);
    if (by_value != nullptr && valuation) {
      check_.report(option.path("valuation"),
                    fmt::format("{} says already on which market the option is valued",
                                check_.at(option.path("exercise"))),
                    "drop one of the two");
    }
  }

 private:
  /// Reclaim is the grantor's, step-down the holder's, the others either's.
  void check_user(const Option& option) {
    const ContractParties parties = parties_of(option.deal.contract);
    const SideKeys keys = side_keys(option.deal.contract);
    const Ref& by = option.terms().by;
    const bool grantor_may = !option.is<StepDownSpec>();
    const bool holder_may = !option.is<ReclaimSpec>();
    if ((grantor_may && by == parties.grantor) || (holder_may && by == parties.holder)) return;
    std::string who;
    if (grantor_may)
      who =
          fmt::format("{} of {}", parties.grantor.name, check_.at(option.deal.path(keys.grantor)));
    if (grantor_may && holder_may) who += " or ";
    if (holder_may)
      who += fmt::format("{} of {}", parties.holder.name, check_.at(option.deal.path(keys.holder)));
    check_.report(option.path("by"), fmt::format("expected {}, found {}", who, by.name));
  }

  void check_kind(const Option& option) {
    const bool moves_nodes = capacity_of(option.deal.contract) != nullptr;
    if (!moves_nodes && (option.is<ReclaimSpec>() || option.is<StepDownSpec>())) {
      check_.report(option.path("share"),
                    fmt::format("{} moves no GPUs: there is nothing to give back",
                                check_.at(option.deal.path())),
                    "use an exit");
    }
    if (std::holds_alternative<AssetSaleSpec>(option.deal.contract) && !option.is<ExitSpec>()) {
      check_.report(option.path("kind"),
                    fmt::format("{} is a sale: what is sold does not come back, and a sale has no "
                                "term",
                                check_.at(option.deal.path())),
                    "an exit stops what has not been delivered");
    }
    if (option.terms().fee > Time{}) {
      const Dollars fee = greatest_fee(check_.scenario, option.deal.contract, option.terms().fee);
      check_amount(check_, option.path("fee"), fee.base());
    }
  }

  bool check_notice(const Option& option) {
    const Time term = term_length(check_.scenario, option.deal.terms());
    if (option.terms().notice <= term) return true;
    check_.report(option.path("notice"),
                  fmt::format("expected at most the term, {} of {}; found {}",
                              to_months(option.deal.terms().term),
                              check_.at(option.deal.path("term")), to_days(option.terms().notice)));
    return false;
  }

  /// The earliest notice is given once the lock-in is over and the rule has held or the day has
  /// come. It must take effect before the contract ends; a renewal may do so at the end.
  void check_effect(const Option& option) {
    const OptionTerms& terms = option.terms();
    if (is_too_late(option, terms.after)) {
      report_too_late(option, "after", terms.after);
      return;
    }
    if (const auto* rule = std::get_if<OnRuleSpec>(&terms.exercise)) {
      const Time hold = rule->when.hold.quantity();
      if (is_too_late(option, hold)) report_too_late(option, "exercise.when", hold);
    }
    if (const auto* date = std::get_if<OnDateSpec>(&terms.exercise)) check_day(option, *date);
  }

  [[nodiscard]] Time longest(const Option& option) const {
    return longest_term(check_.scenario, option.deal.terms(), &option.spec);
  }
  [[nodiscard]] bool is_too_late(const Option& option, Time wait) const {
    const Time effect = wait + option.terms().notice;
    return option.is<RenewalSpec>() ? effect > longest(option) : effect >= longest(option);
  }
  void report_too_late(const Option& option, const char* key, Time wait) {
    check_.report(
        option.path(key),
        fmt::format("it can never take effect: {} and {} of {} are not less than the {} "
                    "the contract can run by {}",
                    to_days(wait), to_days(option.terms().notice), check_.at(option.path("notice")),
                    to_days(longest(option)), check_.at(option.deal.path("term"))));
  }

  void check_day(const Option& option, const OnDateSpec& date) {
    const Date first = first_day(check_.scenario, option.deal.terms());
    const Date begin = window_of(check_.scenario, option.deal.contract).begin;
    const Date end = later(begin, longest(option));
    const Date effect = later(date.on, option.terms().notice);
    if (date.on < first) {
      check_.report(
          option.path("exercise.on"),
          fmt::format("expected no day before the contract begins on {}, {}; found {}",
                      to_string(first), check_.at(option.deal.path("start")), to_string(date.on)));
      return;
    }
    const bool is_sale = std::holds_alternative<AssetSaleSpec>(option.deal.contract);
    const bool is_late = option.is<RenewalSpec>() ? effect > end : effect >= end;
    if (is_sale || waiting_.count(option.deal.name) > 0 || !is_late) return;
    check_.report(option.path("exercise.on"),
                  fmt::format("it can never take effect: notice on {} and {} of {} are not before "
                              "{}, the end by {}",
                              to_string(date.on), to_days(option.terms().notice),
                              check_.at(option.path("notice")), to_string(end),
                              check_.at(option.deal.path("term"))));
  }

  void check_rule(const Option& option, const WhenRule& when) {
    const std::string path = option.path("exercise.when");
    const auto found = std::lower_bound(metric_names_.begin(), metric_names_.end(), when.metric);
    if (found == metric_names_.end() || *found != when.metric) {
      check_.report(path, fmt::format("a rule cannot watch \"{}\"", when.metric),
                    ++hints_ <= most_hints ? did_you_mean(when.metric, metric_names_) : "");
      return;
    }
    const RuleMetric& metric = metrics_[static_cast<std::size_t>(found - metric_names_.begin())];
    const bool is_utilization = when.metric.starts_with("utilization.");
    if (!(when.threshold.dimension == metric.dimension)) {
      check_.report(path, fmt::format("expected a threshold such as {}, found {}", example(metric),
                                      to_text(when.threshold.base, when.threshold.dimension)));
    } else if (is_utilization && (when.threshold.base < 0 || when.threshold.base > 1)) {
      check_.report(path, fmt::format("expected a threshold from 0 to 100 %, found {:.4g} %",
                                      100 * when.threshold.base));
    }
    if (is_utilization && capacity_of(option.deal.contract) == nullptr) {
      check_.report(path, fmt::format("{} moves no GPUs whose use could be watched",
                                      check_.at(option.deal.path())));
    }
  }

  static const char* example(const RuleMetric& metric) {
    if (metric.dimension == GpuPrice::dimension) return "2.3 USD/gpu/h";
    return metric.dimension == GpuCount::dimension ? "1000 gpu" : "60 % or 0.6";
  }

  /// The boundary is fitted to a mean-reverting price against the lease's own.
  void check_value(const Option& option, const char* key, const ValuationTerms& value) {
    const std::string path = option.path(key);
    const std::string kind = std::string_view{key} == "exercise" ? path + ".kind" : path;
    if (!std::holds_alternative<LogOuSpec<GpuPrice::dimension>>(
            check_.scenario.markets.at(value.market.name))) {
      check_.report(path + ".market",
                    fmt::format("expected a market of kind log_ou, {} is another",
                                check_.at("markets." + value.market.name)),
                    "a boundary is fitted to a price that returns to a mean");
    }
    const auto* lease = std::get_if<LeaseSpec>(&option.deal.contract);
    if (lease == nullptr || !(lease->price || lease->fee)) {
      check_.report(
          kind, fmt::format("expected a lease with `price` or `fee` to compare the market with; "
                            "{} is none",
                            check_.at(option.deal.path())));
    }
    const double prices = static_cast<double>(value.paths) * option.deal.terms().term.months;
    if (prices > most_boundary_prices) {
      check_.report(
          path + ".paths",
          fmt::format("{} paths over the months of {} are more prices than a boundary is "
                      "fitted to ({:.0f})",
                      value.paths, check_.at(option.deal.path("term")), most_boundary_prices));
    }
    if (!option.is<ReclaimSpec>() && !option.is<ExitSpec>()) {
      check_.report(kind, "expected an exit or a reclaim: only they let GPUs at the market instead",
                    "use date, rule or never, and no valuation");
    }
  }

  const CheckContext& check_;
  std::vector<RuleMetric> metrics_;  // by name
  std::vector<std::string> metric_names_;
  std::set<std::string> waiting_;  // contracts whose first day is not known
  std::size_t hints_ = 0;
};

}  // namespace

void check_option_terms(const CheckContext& check) {
  OptionCheck checker{check};
  for (const auto& [name, contract] : check.scenario.contracts) {
    const Deal deal{name, contract};
    if (deal.terms().options.size() > most_options) continue;  // reported with the contract
    for (const auto& [option_name, option] : deal.terms().options)
      checker.run({deal, option_name, option});
  }
}

}  // namespace colossim
