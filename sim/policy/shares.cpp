// Policies over the tenants that share a pool.
#include <algorithm>
#include <cmath>

#include <colossim/base/math.hpp>
#include <colossim/policy/fair_share.hpp>
#include <colossim/policy/quota.hpp>

namespace colossim {

namespace {

constexpr double ln_2 = 0.69314718055994530942;

}  // namespace

void QueueAccounts::name(const std::vector<std::string>& names) {
  rows_.resize(std::max(rows_.size(), names.size()));
  for (std::size_t row = 0; row < names.size(); ++row) rows_[row].name = names[row];
}

QueueAccount& QueueAccounts::at(std::uint32_t row) {
  if (row >= rows_.size()) rows_.resize(row + 1);
  return rows_[row];
}

void QueueAccounts::join(const QueuedJob& job) {
  at(job.account).waiting.insert(entry_of(job, 0));
}

void QueueAccounts::hold(std::uint32_t account, const DemandOption& how, std::int64_t sign) {
  QueueAccount& row = at(account);
  if (how.pool >= row.held_by_pool.size()) row.held_by_pool.resize(how.pool + 1);
  row.held += sign * how.gpus;
  row.held_by_pool[how.pool] += sign * how.gpus;
}

void QueueAccounts::started(const QueuedJob& job, SimTime now, const DemandOption& how) {
  running_.add(job, now, how);
  hold(job.account, how, 1);
}

RunningEntry QueueAccounts::stopped(JobId job) {
  const RunningEntry stopped = running_.remove(job);
  hold(stopped.job.account, stopped.how, -1);
  return stopped;
}

std::vector<double> by_account(const std::vector<std::string>& names,
                               const std::map<std::string, double>& values, double other) {
  std::vector<double> result;
  for (const std::string& name : names) {
    const auto found = values.find(name);
    result.push_back(found == values.end() ? other : found->second);
  }
  return result;
}

void FairShare::set_accounts(const std::vector<std::string>& names) {
  accounts_.name(names);
  weights_ = by_account(names, spec_.weights, 1);
}

void FairShare::join(const QueuedJob& job) {
  accounts_.join(job);
}

void FairShare::started(const QueuedJob& job, SimTime now, const DemandOption& how) {
  decay(now);
  accounts_.started(job, now, how);
}

void FairShare::stopped(JobId job, SimTime now) {
  decay(now);
  accounts_.stopped(job);
}

void FairShare::begin(const QueueView& view) {
  decay(view.now());
}

/// What was held until now enters the means: with h held for t, m becomes h + (m − h) 2^(−t/T).
void FairShare::decay(SimTime now) {
  mean_.resize(accounts_.size());
  for (std::size_t row = 0; row < accounts_.size(); ++row)
    mean_[row].resize(accounts_[row].held_by_pool.size());
  if (now == decayed_) return;
  const double kept = math::exp(-ln_2 * ((now - decayed_).quantity() / spec_.half_life));
  for (std::size_t row = 0; row < accounts_.size(); ++row) {
    for (std::size_t pool = 0; pool < mean_[row].size(); ++pool) {
      const auto held = static_cast<double>(accounts_[row].held_by_pool[pool]);
      mean_[row][pool] = held + (mean_[row][pool] - held) * kept;
    }
  }
  decayed_ = now;
}

double FairShare::share(std::size_t account, const QueueView& view) const {
  double dominant = 0;
  const auto& held = accounts_[account].held_by_pool;
  for (std::size_t pool = 0; pool < held.size(); ++pool) {
    const double mean = pool < mean_[account].size() ? mean_[account][pool] : 0;
    const auto gpus = static_cast<double>(view.pool(pool).gpus);
    if (gpus > 0) dominant = std::max(dominant, (static_cast<double>(held[pool]) + mean) / gpus);
  }
  return dominant / (account < weights_.size() ? weights_[account] : 1);
}

std::optional<QueueCommand> FairShare::next(const QueueView& view) {
  if (view.free_gpus() == 0) return std::nullopt;
  std::optional<std::size_t> chosen;
  double least = 0;
  std::size_t how = 0;
  for (std::size_t row = 0; row < accounts_.size(); ++row) {
    if (accounts_[row].waiting.empty()) continue;
    const double share = this->share(row, view);
    if (chosen && share >= least) continue;
    const auto option = view.first_fit(accounts_[row].waiting.front().demand);
    if (!option) continue;
    chosen = row;
    least = share;
    how = *option;
  }
  if (!chosen) return std::nullopt;
  const WaitingEntry job = accounts_[*chosen].waiting.front();
  accounts_.leave(job, *chosen);
  return StartJob{job.job, how};
}

std::optional<DemandId> FairShare::foremost(const QueueView& view) const {
  std::optional<DemandId> foremost;
  double least = 0;
  for (std::size_t row = 0; row < accounts_.size(); ++row) {
    if (accounts_[row].waiting.empty()) continue;
    const double share = row < mean_.size() ? this->share(row, view) : 0;
    if (foremost && share >= least) continue;
    foremost = accounts_[row].waiting.front().demand;
    least = share;
  }
  return foremost;
}

std::unique_ptr<QueuePolicy> FairShare::clone() const {
  return std::make_unique<FairShare>(*this);
}

void Quota::set_accounts(const std::vector<std::string>& names) {
  accounts_.name(names);
  shares_ = by_account(names, spec_.shares, 0);
}

void Quota::join(const QueuedJob& job) {
  accounts_.join(job);
}

void Quota::started(const QueuedJob& job, SimTime now, const DemandOption& how) {
  accounts_.started(job, now, how);
  if (job.account >= started_.size()) started_.resize(job.account + 1);
  started_[job.account].insert({now, job.order, job.job, how});
}

void Quota::stopped(JobId job, SimTime /*now*/) {
  const RunningEntry stopped = accounts_.stopped(job);
  started_[stopped.job.account].erase({.since = stopped.since, .order = stopped.job.order});
}

std::vector<std::int64_t> Quota::guarantees(const QueueView& view) const {
  const auto gpus = static_cast<double>(view.total_gpus());
  std::vector<std::int64_t> guarantees(accounts_.size());
  for (std::size_t row = 0; row < std::min(shares_.size(), guarantees.size()); ++row)
    guarantees[row] = static_cast<std::int64_t>(std::floor(shares_[row] * gpus + 1e-6));
  return guarantees;
}

void Quota::begin(const QueueView& view) {
  guaranteed_ = guarantees(view);
  passed_over_.clear();
  reclaim_.reset();
}

/// Whether the head of an account stays within its share.
bool Quota::entitled(std::size_t account, const QueueView& view) const {
  const WaitingEntry& head = accounts_[account].waiting.front();
  return accounts_[account].held + view.demand(head.demand).least_gpus <= guaranteed_[account];
}

/// The heads of the accounts, by arrival.
std::vector<Quota::Head> Quota::heads(bool entitled, const QueueView& view) const {
  std::vector<Head> heads;
  for (std::size_t row = 0; row < accounts_.size(); ++row) {
    if (accounts_[row].waiting.empty() || this->entitled(row, view) != entitled) continue;
    heads.push_back({accounts_[row].waiting.front(), row});
  }
  std::sort(heads.begin(), heads.end(), [](const Head& a, const Head& b) { return a.job < b.job; });
  return heads;
}

std::optional<QueueCommand> Quota::start(const Head& head, const QueueView& view) {
  // An elastic job that is entitled grows to its share and no further: what it took beyond would be
  // taken back at once.
  const bool within = entitled(head.account, view);
  const auto& options = view.demand(head.job.demand).options;
  for (std::size_t option = 0; option < options.size(); ++option) {
    if (within && accounts_[head.account].held + options[option].gpus > guaranteed_[head.account])
      continue;
    if (!view.fits(head.job.demand, option)) continue;
    accounts_.leave(head.job, head.account);
    return StartJob{head.job.job, option};
  }
  return std::nullopt;
}

std::optional<QueueCommand> Quota::next(const QueueView& view) {
  if (reclaim_) {
    if (!reclaim_->victims.empty()) return take_back();
    const Head head = reclaim_->head;
    reclaim_.reset();
    if (auto command = start(head, view)) return command;
    passed_over_.push_back(head.account);  // enough is free, but apart
  }
  for (const Head& head : heads(true, view)) {
    if (auto command = start(head, view)) return command;
    if (std::count(passed_over_.begin(), passed_over_.end(), head.account) > 0) continue;
    reclaim_ = plan_reclaim(head, view);
    if (reclaim_) return take_back();
  }
  if (!spec_.borrow || view.free_gpus() == 0) return std::nullopt;
  for (const Head& head : heads(false, view)) {
    if (auto command = start(head, view)) return command;
  }
  return std::nullopt;
}

QueueCommand Quota::take_back() {
  const JobId victim = reclaim_->victims.back();
  reclaim_->victims.pop_back();
  return PreemptJob{victim};
}

/// The jobs beyond their accounts' shares that have to go for `head` to fit, last started first;
/// nothing when even all of them are not enough.
std::optional<Quota::Reclaim> Quota::plan_reclaim(const Head& head, const QueueView& view) const {
  struct Lender {
    std::size_t account = 0;
    std::int64_t beyond = 0;          // GPUs above its share
    const Started* latest = nullptr;  // of what is left to it
  };
  std::vector<Lender> lenders;
  for (std::size_t row = 0; row < started_.size(); ++row) {
    const std::int64_t beyond = accounts_[row].held - guaranteed_[row];
    if (beyond > 0) lenders.push_back({row, beyond, &started_[row].back()});
  }
  std::vector<std::int64_t> free;
  for (std::size_t row = 0; row < view.pools(); ++row) free.push_back(view.pool(row).free);
  const auto& options = view.demand(head.job.demand).options;
  const auto enough = [&](const DemandOption& how) {
    return how.units <= free[how.pool] &&
           accounts_[head.account].held + how.gpus <= guaranteed_[head.account];
  };
  const auto earlier = [](const Lender& a, const Lender& b) { return *a.latest < *b.latest; };
  Reclaim reclaim{.head = head};
  while (!lenders.empty()) {
    const auto lender = std::max_element(lenders.begin(), lenders.end(), earlier);
    const Started& victim = *lender->latest;
    free[victim.how.pool] += victim.how.units;
    reclaim.victims.insert(reclaim.victims.begin(), victim.job);
    if (std::any_of(options.begin(), options.end(), enough)) return reclaim;
    lender->beyond -= victim.how.gpus;
    lender->latest = started_[lender->account].before(victim);
    if (lender->beyond <= 0 || lender->latest == nullptr) lenders.erase(lender);
  }
  return std::nullopt;
}

/// The first entitled head by arrival: who borrows takes what is idle.
std::optional<DemandId> Quota::foremost(const QueueView& view) const {
  const std::vector<std::int64_t> guarantees = this->guarantees(view);
  const WaitingEntry* first = nullptr;
  for (std::size_t row = 0; row < accounts_.size(); ++row) {
    if (accounts_[row].waiting.empty()) continue;
    const WaitingEntry& head = accounts_[row].waiting.front();
    if (accounts_[row].held + view.demand(head.demand).least_gpus > guarantees[row]) continue;
    if (first == nullptr || head < *first) first = &head;
  }
  return first == nullptr ? std::nullopt : std::optional{first->demand};
}

std::unique_ptr<QueuePolicy> Quota::clone() const {
  return std::make_unique<Quota>(*this);
}

}  // namespace colossim
