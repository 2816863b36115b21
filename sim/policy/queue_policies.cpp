// From descriptions to queue policies.
#include <colossim/base/time.hpp>
#include <colossim/policy/queue_policies.hpp>

namespace colossim {

namespace {

using Policy = std::unique_ptr<QueuePolicy>;

Policy make(const FifoSpec& /*spec*/) {
  return std::make_unique<Strict>(QueueOrder::arrival);
}
Policy make(const FirstFitSpec& /*spec*/) {
  return std::make_unique<Skipping>(QueueOrder::arrival);
}
Policy make(const SjfSpec& /*spec*/) {
  return std::make_unique<Strict>(QueueOrder::runtime);
}
Policy make(const SjfSkipSpec& /*spec*/) {
  return std::make_unique<Skipping>(QueueOrder::runtime);
}
Policy make(const SrtfSpec& /*spec*/) {
  return std::make_unique<Preemptive>(Preemptive::Key::remaining);
}
Policy make(const EasySpec& /*spec*/) {
  return std::make_unique<Easy>(Easy::Backfill::by_arrival);
}
Policy make(const EasySjfSpec& /*spec*/) {
  return std::make_unique<Easy>(Easy::Backfill::by_estimate);
}
Policy make(const EasyMachinesSpec& /*spec*/) {
  return std::make_unique<EasyMachines>();
}
Policy make(const ConservativeSpec& /*spec*/) {
  return std::make_unique<Conservative>();
}
Policy make(const PrioritySpec& /*spec*/) {
  return std::make_unique<Preemptive>(Preemptive::Key::priority);
}
Policy make(const LasSpec& spec) {
  std::vector<Int128> thresholds;
  for (const GpuTime threshold : spec.thresholds)
    thresholds.push_back(to_duration(Time{threshold.base()}).ns());
  return std::make_unique<Preemptive>(Preemptive::Key::attained, std::move(thresholds));
}
Policy make(const FairShareSpec& spec) {
  return std::make_unique<FairShare>(spec);
}
Policy make(const QuotaSpec& spec) {
  return std::make_unique<Quota>(spec);
}

}  // namespace

std::unique_ptr<QueuePolicy> make_queue_policy(const QueueSpec& spec) {
  return std::visit([](const auto& kind) { return make(kind); }, spec);
}

}  // namespace colossim
