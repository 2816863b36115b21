// What any contract may carry: when it closes, who is liable, what happens on default, and options.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>

namespace colossim {

struct NeverSpec {
  static constexpr std::string_view kind = "never";
  static constexpr std::string_view doc = "The option is held and not used.";

  template <class Visitor>
  void describe(Visitor& /*v*/) {}
};

struct OnDateSpec {
  static constexpr std::string_view kind = "date";
  static constexpr std::string_view doc = "Notice is given on a day, or as soon after as allowed.";
  Date on = std::chrono::year{2000} / 1 / 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("on", on, required, "the day");
  }
};

struct OnRuleSpec {
  static constexpr std::string_view kind = "rule";
  static constexpr std::string_view doc =
      "Notice is given when one metric has been beyond a threshold for so long.";
  WhenRule when;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("when", when, required,
            "such as `utilization.tenant < 60 % for 30 d`; metrics: utilization.tenant, "
            "utilization.owner, price.<market>, load.<service>, waiting.<party>");
  }
};

/// The market an option on a lease is valued on, and how.
struct ValuationTerms {
  Ref market;
  double rate = 0.12;
  std::int64_t paths = 4000;

  template <class Visitor>
  void describe_valuation(Visitor& v) {
    v.field("market", market, required.to("markets"),
            "price at which the GPUs would be let instead: a market of kind log_ou");
    v.field("rate", rate, optional.within(0, 1), "effective annual discount rate");
    v.field("paths", paths, optional.within(500, 200000).choice(),
            "price paths that fit the boundary");
  }
};

struct ValuationSpec : ValuationTerms {
  static constexpr std::string_view doc =
      "What the option is worth if it were used by value; the run prints it, however it is used.";

  template <class Visitor>
  void describe(Visitor& v) {
    describe_valuation(v);
  }
};

struct OnValueSpec : ValuationTerms {
  static constexpr std::string_view kind = "value";
  static constexpr std::string_view doc =
      "Notice is given when the market price crosses the boundary at which exercising is worth "
      "more than waiting: the least-squares boundary of the option's own cash flows, month by "
      "month.";

  template <class Visitor>
  void describe(Visitor& v) {
    describe_valuation(v);
  }
};

using ExerciseSpec = std::variant<NeverSpec, OnDateSpec, OnRuleSpec, OnValueSpec>;

/// What every option states. `after`, `notice` and `every` are counted in hours, not months.
struct OptionTerms {
  Ref by;
  Time after;
  Time notice;
  Time fee;
  ExerciseSpec exercise;
  std::optional<ValuationSpec> valuation;

  template <class Visitor>
  void describe_terms(Visitor& v) {
    v.field("by", by, required.to("parties"), "the party that may use it");
    v.field("after", after, optional.within(0, 1e10),
            "lock-in: no notice before this time from the start");
    v.field("notice", notice, optional.within(0, 1e10), "from notice to effect");
    v.field("fee", fee, optional.within(0, 1e9),
            "what its user pays at effect, as time of the present fee of the GPUs concerned");
    v.field("exercise", exercise, required, "when it is used");
    v.field("valuation", valuation, optional,
            "of an exit or reclaim of a lease that is not used by value: what it would be worth");
  }
};

struct ExitSpec : OptionTerms {
  static constexpr std::string_view kind = "exit";
  static constexpr std::string_view doc = "Ends the contract before its term.";
  std::optional<Ref> then;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_terms(v);
    v.field("then", then, optional.to("contracts"),
            "contract that begins when the nodes are back: re-letting; it waits until then");
  }
};

struct ReclaimSpec : OptionTerms {
  static constexpr std::string_view kind = "reclaim";
  static constexpr std::string_view doc = "The owner takes a share of the GPUs back.";
  double share = 1;
  Time every;
  std::optional<Ref> then;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_terms(v);
    v.field("share", share, optional.within(0.001, 1),
            "of the GPUs committed at the beginning, each time");
    v.field("every", every, optional.within(0, 1e10),
            "least time between two uses (default: it may be used once)");
    v.field("then", then, optional.to("contracts"), "contract that begins when the nodes are back");
  }
};

struct RenewalSpec : OptionTerms {
  static constexpr std::string_view kind = "renewal";
  static constexpr std::string_view doc = "Prolongs the term at its end.";
  Period term{12};
  double price_factor = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_terms(v);
    v.field("term", term, optional.within(1, 1200), "how much longer");
    v.field("price_factor", price_factor, optional.within(0.01, 100),
            "price after / before, from the old end");
  }
};

struct StepDownSpec : OptionTerms {
  static constexpr std::string_view kind = "step_down";
  static constexpr std::string_view doc = "The tenant gives a share of the GPUs back.";
  double share = 0.25;
  Time every;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_terms(v);
    v.field("share", share, optional.within(0.001, 1),
            "of the GPUs committed at the beginning, each time");
    v.field("every", every, optional.within(0, 1e10),
            "least time between two uses (default: it may be used once)");
  }
};

using OptionSpec = std::variant<ExitSpec, ReclaimSpec, RenewalSpec, StepDownSpec>;

/// The common terms of an option, whatever its kind.
inline const OptionTerms& terms_of(const OptionSpec& option) {
  return std::visit([](const auto& spec) -> const OptionTerms& { return spec; }, option);
}

/// On which market an option is valued; null: on none.
inline const ValuationTerms* valuation_of(const OptionSpec& option) {
  const OptionTerms& terms = terms_of(option);
  if (const auto* by_value = std::get_if<OnValueSpec>(&terms.exercise)) return by_value;
  return terms.valuation ? &*terms.valuation : nullptr;
}

struct ClosingSpec {
  static constexpr std::string_view doc =
      "What must happen before the contract begins: a regulator's approval.";
  Time delay;
  double refusal = 0;
  double share_cap = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("delay", delay, optional.within(0, 1e9), "from the start to the approval");
    v.field("refusal", refusal, optional.fraction(), "probability that it is refused");
    v.field("share_cap", share_cap, optional.fraction(),
            "largest share of all sites' GPUs the receiving party may use afterwards; the contract "
            "is cut to it");
  }
};

struct LiabilitySpec {
  static constexpr std::string_view doc = "Which side bears what goes wrong: owner or tenant.";
  std::string curtailment = "tenant";
  std::string late_ramp = "owner";
  std::string failure = "owner";
  std::string transfer = "owner";

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("curtailment", curtailment, optional.one_of("owner tenant"),
            "GPU-time lost to power and thermal caps: owner = it is not paid");
    v.field("late_ramp", late_ramp, optional.one_of("owner tenant"),
            "GPUs of a due tranche that are not delivered: tenant = they are paid all the same");
    v.field("failure", failure, optional.one_of("owner tenant"),
            "repair of nodes that acceptance rejects");
    v.field("transfer", transfer, optional.one_of("owner tenant"), "cost of the transfer's stages");
  }
};

struct DefaultSpec {
  static constexpr std::string_view doc =
      "The paying side may default: the contract ends, its nodes go back, and after a vacancy they "
      "are let again.";
  Frequency hazard;
  double loss = 1;
  Period vacancy{2};
  std::optional<Ref> then;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("hazard", hazard, required.within(0, 1e-5), "rate of default");
    v.field("loss", loss, optional.fraction(),
            "share of the month's fee so far that is never paid");
    v.field("vacancy", vacancy, optional.within(0, 120), "months before the nodes are let again");
    v.field("then", then, optional.to("contracts"), "contract that begins after the vacancy");
  }
};

/// What every contract may state.
struct ContractTerms {
  std::optional<Date> start;
  Period term{36};
  std::optional<ClosingSpec> closing;
  std::optional<DefaultSpec> default_clause;
  std::map<std::string, OptionSpec> options;

  template <class Visitor>
  void describe_terms(Visitor& v) {
    v.field("start", start, optional, "first day (default: the run's)");
    v.field("term", term, optional.within(1, 1200), "calendar period from the start");
    v.field("closing", closing, optional, "what must happen before it begins");
    v.field("default", default_clause, optional, "default of the paying side");
    v.field("options", options, optional, "early exit, reclaim, renewal, step-down");
  }
};

struct TrancheSpec {
  static constexpr std::string_view doc = "GPUs that are due on a day.";
  Date on = std::chrono::year{2000} / 1 / 1;
  GpuCount gpus;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("on", on, required, "the day");
    v.field("gpus", gpus, required.positive().up_to(1e7), "how many");
  }
};

struct DeliverySpec {
  static constexpr std::string_view doc = "What happens when the GPUs are not there in time.";
  Date by = std::chrono::year{2000} / 1 / 1;
  Period grace{1};
  std::string otherwise = "accept";

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("by", by, required, "the day everything is due");
    v.field("grace", grace, optional.within(0, 60), "months the owner still has");
    v.field("otherwise", otherwise, optional.one_of("accept terminate"),
            "then the tenant accepts what is there, pro rata, or terminates");
  }
};

/// What a contract that moves nodes states besides.
struct CapacityTerms : ContractTerms {
  Ref grantor;
  Ref holder;
  Ref site;
  GpuShare gpus;
  std::optional<GpuRate> ramp;
  std::vector<TrancheSpec> tranches;
  std::optional<Ref> transfer;
  std::string billing_from = "load";
  std::optional<DeliverySpec> delivery;
  LiabilitySpec liability;

  template <class Visitor>
  void describe_capacity(Visitor& v, std::string_view grantor_key, std::string_view holder_key) {
    v.field(grantor_key, grantor, required.to("parties"), "who has the nodes before");
    v.field(holder_key, holder, required.to("parties"), "who has them after");
    v.field("site", site, required.to("sites"), "whose racks");
    v.field("gpus", gpus, optional.within(1, 1e7), "how many, or `all`");
    v.field("ramp", ramp, optional.positive().up_to(1e6),
            "daily tranche; this or `tranches` (neither: everything is due at the start)");
    v.field("tranches", tranches, optional, "days and GPUs, which add up to `gpus`");
    v.field("transfer", transfer, optional.to("transfers"),
            "stages nodes go through (default: none, they change hands when their work ends)");
    v.field("billing_from", billing_from, optional.one_of("sanitize accept load serve"),
            "the stage whose beginning counts as delivery; serve: after the last");
    v.field("delivery", delivery, optional, "what happens when delivery is late");
    v.field("liability", liability, optional, "who bears what");
    describe_terms(v);
  }
};

}  // namespace colossim
