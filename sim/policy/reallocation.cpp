// The reallocation strategies.
#include <algorithm>
#include <cmath>

#include <colossim/policy/reallocation.hpp>

namespace colossim {

namespace {

class Keep final : public ReallocationPolicy {
 public:
  explicit Keep(const KeepSpec& /*spec*/) {}
  [[nodiscard]] ReallocationCommand decide(const ReallocationView& /*view*/) const override {
    return {};
  }
  [[nodiscard]] std::unique_ptr<ReallocationPolicy> clone() const override {
    return std::make_unique<Keep>(*this);
  }
};

class HarvestIdle final : public ReallocationPolicy {
 public:
  explicit HarvestIdle(const HarvestIdleSpec& spec) : keep_free_(spec.keep_free) {}
  [[nodiscard]] ReallocationCommand decide(const ReallocationView& view) const override {
    if (view.waiting > view.idle)
      return {.take_back = std::min(view.flexible_out, view.waiting - view.idle)};
    const auto spare = static_cast<std::int64_t>(
        std::floor((1 - keep_free_) * static_cast<double>(view.idle - view.waiting)));
    return {.deliver =
                std::max<std::int64_t>(0, std::min(spare, view.flexible_most - view.flexible_out))};
  }
  [[nodiscard]] std::unique_ptr<ReallocationPolicy> clone() const override {
    return std::make_unique<HarvestIdle>(*this);
  }

 private:
  double keep_free_;
};

class ReclaimOnSurge final : public ReallocationPolicy {
 public:
  explicit ReclaimOnSurge(const ReclaimOnSurgeSpec& spec)
      : waiting_(spec.waiting.base()), load_(spec.load) {}
  [[nodiscard]] ReallocationCommand decide(const ReallocationView& view) const override {
    const auto beyond =
        static_cast<double>(view.waiting - view.idle);  // what idle ones cannot take
    const bool surge = beyond >= waiting_ || view.load >= load_;
    return {.exercise = view.may_exercise && surge};
  }
  [[nodiscard]] std::unique_ptr<ReallocationPolicy> clone() const override {
    return std::make_unique<ReclaimOnSurge>(*this);
  }

 private:
  double waiting_;
  double load_;
};

class PriceThreshold final : public ReallocationPolicy {
 public:
  explicit PriceThreshold(const PriceThresholdSpec& spec)
      : above_(spec.above), below_(spec.below) {}
  [[nodiscard]] ReallocationCommand decide(const ReallocationView& view) const override {
    const bool beyond =
        (above_ && view.price >= above_->base()) || (below_ && view.price <= below_->base());
    return {.exercise = view.may_exercise && beyond};
  }
  [[nodiscard]] std::unique_ptr<ReallocationPolicy> clone() const override {
    return std::make_unique<PriceThreshold>(*this);
  }

 private:
  std::optional<GpuPrice> above_;
  std::optional<GpuPrice> below_;
};

struct Maker {
  std::unique_ptr<ReallocationPolicy> operator()(const KeepSpec& spec) const {
    return std::make_unique<Keep>(spec);
  }
  std::unique_ptr<ReallocationPolicy> operator()(const HarvestIdleSpec& spec) const {
    return std::make_unique<HarvestIdle>(spec);
  }
  std::unique_ptr<ReallocationPolicy> operator()(const ReclaimOnSurgeSpec& spec) const {
    return std::make_unique<ReclaimOnSurge>(spec);
  }
  std::unique_ptr<ReallocationPolicy> operator()(const PriceThresholdSpec& spec) const {
    return std::make_unique<PriceThreshold>(spec);
  }
};

}  // namespace

std::unique_ptr<ReallocationPolicy> make_policy(const ReallocationSpec& spec) {
  return std::visit(Maker{}, spec);
}

}  // namespace colossim
