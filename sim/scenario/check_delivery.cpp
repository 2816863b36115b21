// Contradictions in when nodes are due: whole nodes, tranches that add up, no day before there is
// anything to deliver.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <colossim/base/math.hpp>

#include "contract_facts.hpp"

namespace colossim {

namespace {

/// The GPUs by which numbers of nodes of a site differ.
std::int64_t node_size(const Scenario& scenario, const SiteSpec& site) {
  std::int64_t size = 0;
  for (const auto& [hall_name, hall] : site.halls) {
    for (const auto& [name, group] : hall.racks)
      size = std::gcd(size, scenario.catalog.nodes.at(group.node.name).gpus);
  }
  return size;
}

/// A day and where it is written.
struct Day {
  Date date;
  std::string path;
};

class DeliveryCheck {
 public:
  DeliveryCheck(const CheckContext& check, const SizedDeal& sized)
      : check_(check), sized_(sized), deal_(sized.deal), terms_(sized.terms) {}

  void run() {
    check_whole_nodes();
    if (terms_.ramp && !terms_.tranches.empty()) {
      check_.report(deal_.path("tranches"),
                    fmt::format("expected a ramp or tranches; there is also {}",
                                check_.at(deal_.path("ramp"))));
    }
    if (!terms_.tranches.empty()) {
      check_sum();
      check_order();
      check_first_tranche();
      check_energised();
    }
    if (terms_.delivery) check_due_day();
  }

 private:
  [[nodiscard]] std::string tranche(std::size_t row, const char* key) const {
    return deal_.path(fmt::format("tranches[{}].{}", row, key));
  }

  void check_whole_nodes() {
    const std::int64_t size = node_size(check_.scenario, site());
    const auto whole = [&](GpuCount gpus, const std::string& path) {
      if (math::floor_mod(gpus.base(), static_cast<double>(size)) == 0) return;
      check_.report(path,
                    fmt::format("expected whole nodes, multiples of {} GPUs at site {}, found "
                                "{}",
                                size, terms_.site.name, gpus.base()));
    };
    if (!terms_.gpus.all) whole(terms_.gpus.count, deal_.path("gpus"));
    if (const auto* lease = std::get_if<LeaseSpec>(&deal_.contract))
      whole(lease->flexible, deal_.path("flexible"));
    for (std::size_t i = 0; i < terms_.tranches.size(); ++i)
      whole(terms_.tranches[i].gpus, tranche(i, "gpus"));
  }

  void check_sum() {
    double sum = 0;
    for (const TrancheSpec& part : terms_.tranches) sum += part.gpus.base();
    if (sum == sized_.gpus) return;
    check_.report(deal_.path("tranches"),
                  fmt::format("expected tranches that add up to the {} GPUs of {}, found {}",
                              sized_.gpus, check_.at(deal_.path("gpus")), sum));
  }

  void check_order() {
    for (std::size_t i = 1; i < terms_.tranches.size(); ++i) {
      if (terms_.tranches[i].on > terms_.tranches[i - 1].on) continue;
      check_.report(
          tranche(i, "on"),
          fmt::format("expected a day after {}, {}; found {}", to_string(terms_.tranches[i - 1].on),
                      check_.at(tranche(i - 1, "on")), to_string(terms_.tranches[i].on)));
    }
  }

  /// The first lies within the contract, and so do the others when they are in order, but for its
  /// end.
  void check_first_tranche() {
    if (sized_.waits) return;
    const Date first = first_day(check_.scenario, terms_);
    const Date end = window_of(check_.scenario, deal_.contract).end;
    const Date earliest = terms_.tranches.front().on;
    const std::size_t last = terms_.tranches.size() - 1;
    if (earliest < first) {
      check_.report(tranche(0, "on"),
                    fmt::format("a tranche before delivery: the contract begins on {} by {}; found "
                                "{}",
                                to_string(first), check_.at(begin_path()), to_string(earliest)));
    }
    if (terms_.tranches[last].on >= end) {
      check_.report(tranche(last, "on"),
                    fmt::format("expected a day before the contract ends on {} by {}; found {}",
                                to_string(end), check_.at(deal_.path("term")),
                                to_string(terms_.tranches[last].on)));
    }
  }

  /// Nothing can be delivered while every rack of the site is dark.
  void check_energised() {
    std::optional<Day> first;
    for (const auto& [hall_name, hall] : site().halls) {
      for (const auto& [name, group] : hall.racks) {
        if (!group.energised) return;
        if (first && *group.energised >= first->date) continue;
        first = {*group.energised, fmt::format("sites.{}.halls.{}.racks.{}.energised",
                                               terms_.site.name, hall_name, name)};
      }
    }
    if (!first || terms_.tranches.front().on >= first->date) return;
    check_.report(tranche(0, "on"),
                  fmt::format("a tranche before delivery: the first racks of site {} get power on "
                              "{} by {}; found {}",
                              terms_.site.name, to_string(first->date), check_.at(first->path),
                              to_string(terms_.tranches.front().on)));
  }

  void check_due_day() {
    const Date by = terms_.delivery->by;
    const std::string path = deal_.path("delivery.by");
    const Date first = first_day(check_.scenario, terms_);
    if (by < first && !sized_.waits) {
      check_.report(path, fmt::format("expected no day before the contract begins on {} by {}; "
                                      "found {}",
                                      to_string(first), check_.at(begin_path()), to_string(by)));
      return;
    }
    const Date end = window_of(check_.scenario, deal_.contract).end;
    if (!sized_.waits && by >= end) {
      check_.report(path,
                    fmt::format("expected a day before the contract ends on {} by {}; found {}",
                                to_string(end), check_.at(deal_.path("term")), to_string(by)));
      return;
    }
    const std::optional<Day> last = last_due(first);
    if (last && by < last->date) {
      check_.report(path, fmt::format("expected no day before the last GPUs are due on {} by {}; "
                                      "found {}",
                                      to_string(last->date), check_.at(last->path), to_string(by)));
    }
  }

  /// The day the last tranche is due, when it can be told.
  [[nodiscard]] std::optional<Day> last_due(Date first) const {
    if (!terms_.tranches.empty())
      return Day{terms_.tranches.back().on, tranche(terms_.tranches.size() - 1, "on")};
    if (!terms_.ramp || sized_.waits) return std::nullopt;
    const double days = std::ceil(sized_.gpus / (*terms_.ramp * units::day).base());
    return Day{later(first, std::max(0.0, days - 1) * units::day), deal_.path("ramp")};
  }

  /// The run's first day is the contract's when it states none.
  [[nodiscard]] std::string begin_path() const {
    return terms_.start ? deal_.path("start") : "start";
  }
  [[nodiscard]] const SiteSpec& site() const { return check_.scenario.sites.at(terms_.site.name); }

  const CheckContext& check_;
  const SizedDeal& sized_;
  const Deal& deal_;
  const CapacityTerms& terms_;
};

}  // namespace

void check_delivery(const CheckContext& check, const SizedDeal& sized) {
  DeliveryCheck{check, sized}.run();
}

}  // namespace colossim
