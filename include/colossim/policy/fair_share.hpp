// `fair_share`: who holds and held the least goes first.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/base/values.hpp>
#include <colossim/policy/accounts.hpp>

namespace colossim {

struct FairShareSpec {
  static constexpr std::string_view kind = "fair_share";
  static constexpr std::string_view doc =
      "Weighted dominant share over the tenants that share the pool, with memory: the tenant with "
      "the least share goes first. Its share is the greatest, over GPU types, of what it holds "
      "plus "
      "the decayed mean of what it held, by the pool's GPUs of the type and by its weight. "
      "[ghodsi2011]";
  std::map<std::string, double> weights;
  Time half_life = 7.0 * units::day;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("weights", weights, optional.positive().up_to(1e6),
            "by tenant; when given, tenants that are not named are unknown (default: 1 each)");
    v.field("half_life", half_life, optional.within(1, 1e9).choice(),
            "after it what was held counts half");
  }
};

/// Jobs of one tenant start in order of arrival; the first of them that does not fit blocks the
/// tenant, not the others. Costs grow with the tenants.
class FairShare final : public QueuePolicy {
 public:
  explicit FairShare(FairShareSpec spec) : spec_(std::move(spec)) {}

  void set_accounts(const std::vector<std::string>& names) override;
  void join(const QueuedJob& job) override;
  void started(const QueuedJob& job, SimTime now, const DemandOption& how) override;
  void stopped(JobId job, SimTime now) override;
  void begin(const QueueView& view) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  void decay(SimTime now);
  [[nodiscard]] double share(std::size_t account, const QueueView& view) const;

  FairShareSpec spec_;
  std::vector<double> weights_;
  QueueAccounts accounts_;
  std::vector<std::vector<double>> mean_;  // decayed mean of the GPUs held, by account and pool
  SimTime decayed_;                        // `mean_` is as of then
};

}  // namespace colossim
