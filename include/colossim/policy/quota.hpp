// `quota`: a guaranteed share each, lent while it is idle, and taken back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/base/describe.hpp>
#include <colossim/policy/accounts.hpp>

namespace colossim {

struct QuotaSpec {
  static constexpr std::string_view kind = "quota";
  static constexpr std::string_view doc =
      "Each tenant is guaranteed a share of the pool's GPUs. What it leaves idle others borrow; "
      "when "
      "it has work again, jobs of those beyond their share lose their nodes, last started first.";
  std::map<std::string, double> shares;
  bool borrow = true;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("shares", shares, required.fraction(),
            "guaranteed share by tenant, at most 1 in all; tenants that are not named are unknown");
    v.field("borrow", borrow, optional, "tenants may use what others leave idle");
  }
};

/// Jobs of one tenant start in order of arrival. First those within their tenant's share, taking
/// back what others borrowed; then, while anything is free, those beyond it. Costs grow with the
/// tenants and with what is taken back.
class Quota final : public QueuePolicy {
 public:
  explicit Quota(QuotaSpec spec) : spec_(std::move(spec)) {}

  void set_accounts(const std::vector<std::string>& names) override;
  void join(const QueuedJob& job) override;
  void started(const QueuedJob& job, SimTime now, const DemandOption& how) override;
  void stopped(JobId job, SimTime now) override;
  void begin(const QueueView& view) override;
  [[nodiscard]] std::optional<QueueCommand> next(const QueueView& view) override;
  [[nodiscard]] std::optional<DemandId> foremost(const QueueView& view) const override;
  [[nodiscard]] std::unique_ptr<QueuePolicy> clone() const override;

 private:
  /// A running job, by when it started.
  struct Started {
    SimTime since;
    std::int64_t order = 0;
    JobId job;
    DemandOption how;
    friend bool operator<(const Started& a, const Started& b) {
      return a.since != b.since ? a.since < b.since : a.order < b.order;
    }
  };
  struct Head {
    WaitingEntry job;
    std::size_t account = 0;
  };

  /// What is being taken back for an entitled head.
  struct Reclaim {
    std::vector<JobId> victims;  // the next one last
    Head head;
  };

  /// GPUs by account.
  [[nodiscard]] std::vector<std::int64_t> guarantees(const QueueView& view) const;
  [[nodiscard]] bool entitled(std::size_t account, const QueueView& view) const;
  [[nodiscard]] std::vector<Head> heads(bool entitled, const QueueView& view) const;
  [[nodiscard]] std::optional<QueueCommand> start(const Head& head, const QueueView& view);
  [[nodiscard]] std::optional<Reclaim> plan_reclaim(const Head& head, const QueueView& view) const;
  [[nodiscard]] QueueCommand take_back();

  QuotaSpec spec_;
  std::vector<double> shares_;
  QueueAccounts accounts_;
  std::vector<BlockedList<Started, NoSummary>> started_;  // by account

  // Of this pass.
  std::vector<std::int64_t> guaranteed_;
  std::optional<Reclaim> reclaim_;
  std::vector<std::size_t> passed_over_;  // accounts whose head fits by count but not on nodes
};

}  // namespace colossim
