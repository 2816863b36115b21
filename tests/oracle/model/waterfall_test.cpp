// Oracle for waterfalls: a hand-computed difference, and parts that add up exactly whatever the
// amounts are.
#include <cmath>
#include <cstddef>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/base/random.hpp>
#include <colossim/model/waterfall.hpp>

using namespace colossim;

namespace {

constexpr Money usd(std::int64_t amount) {
  return Money{amount * 1'000'000};
}

bool operator==(const DifferenceParts& a, const DifferenceParts& b) {
  return a.price == b.price && a.volume == b.volume && a.unpriced == b.unpriced;
}

DifferenceParts negated(const DifferenceParts& parts) {
  return {-parts.price, -parts.volume, -parts.unpriced};
}

Money sum(const VolumeParts& parts) {
  Money total;
  for (const Money each : parts) total += each;
  return total;
}

Money part(const DifferenceParts& parts, LadderPart which) {
  return parts.volume_by[static_cast<std::size_t>(which)];
}

/// Held, and lost to transfers and idling.
LadderHours hours(double held, double in_transfer, double idle) {
  LadderHours hours;
  hours[LadderPart::held] = held;
  hours[LadderPart::in_transfer] = -in_transfer;
  hours[LadderPart::idle] = -idle;
  return hours;
}

/// Amounts from a micro-dollar to 1e12 USD, quantities from 1e-6 to 1e12; zeros and absences.
PricedAmount random_side(Stream& stream) {
  PricedAmount side;
  const double size = math::exp(uniform_between(stream, 0, 41.4));
  const double sign = uniform_between(stream, -1, 1);
  const double kind = stream.uniform();
  if (kind > 0.05) side.amount = Money{math::round_to_int(sign < 0 ? -size : size)};
  const double quantity = math::exp(uniform_between(stream, -13.8, 27.6));
  if (kind < 0.9) side.quantity = kind > 0.8 ? 0 : quantity;
  const double held = math::exp(uniform_between(stream, 0, 30));
  const double lost = held * stream.uniform();
  if (kind < 0.5) side.hours = hours(held, 0.3 * lost, 0.7 * lost);
  return side;
}

}  // namespace

TEST_CASE("a lease that grows by a fifth and gets cheaper is split by hand") {
  INFO("1,000 GPU-hours at $2.00 become 1,200 at $1.75: 2,100 - 2,000 = 100");
  INFO("price (1.75 - 2.00) * (1,000 + 1,200)/2 = -275, volume 200 * (2.00 + 1.75)/2 = 375");
  const DifferenceParts parts = explain_difference({usd(2000), 1000.0}, {usd(2100), 1200.0});
  CHECK(parts.price == usd(-275));
  CHECK(parts.volume == usd(375));
  CHECK(parts.unpriced == Money{});
}

TEST_CASE("an expense is a negative amount and its parts have the opposite signs") {
  INFO("the tenant's side of the same lease: -2,000 becomes -2,100");
  const DifferenceParts parts = explain_difference({usd(-2000), 1000.0}, {usd(-2100), 1200.0});
  CHECK(parts.price == usd(275));
  CHECK(parts.volume == usd(-375));
}

TEST_CASE("what rounding leaves goes to the larger part") {
  INFO("0 for 1 becomes 2 micro-dollars for 2: price 1 * 1.5 = 1.5, volume 1 * 0.5 = 0.5");
  INFO("rounded 2 and 1, one too many: the price gives it back");
  const DifferenceParts parts = explain_difference({Money{0}, 1.0}, {Money{2}, 2.0});
  CHECK(parts.price == Money{1});
  CHECK(parts.volume == Money{1});
}

TEST_CASE("what exists on one side only is volume at that side's price") {
  for (const PricedAmount& nothing : {PricedAmount{}, PricedAmount{Money{}, 0.0}}) {
    CHECK(explain_difference(nothing, {usd(2100), 1200.0}) == DifferenceParts{.volume = usd(2100)});
    CHECK(explain_difference({usd(2100), 1200.0}, nothing) ==
          DifferenceParts{.volume = usd(-2100)});
  }
}

TEST_CASE("the volume of a lease is split by the rungs of the ladder") {
  INFO("held 1,200 - in transfer 150 - idle 50 = 1,000 at $2; 1,400 - 120 - 80 = 1,200 at $1.75");
  INFO("volume 375 at $1.875: held 200 = 375, transfer 30 = 56.25, idle -30 = -56.25, yield 0");
  const DifferenceParts parts = explain_difference({usd(2000), 1000.0, hours(1200, 150, 50)},
                                                   {usd(2100), 1200.0, hours(1400, 120, 80)});
  CHECK(parts.volume == usd(375));
  CHECK(part(parts, LadderPart::held) == usd(375));
  CHECK(part(parts, LadderPart::in_transfer) == Money{56'250'000});
  CHECK(part(parts, LadderPart::idle) == Money{-56'250'000});
  CHECK(parts.volume_by[yield_part] == Money{});
}

TEST_CASE("what a useful hour yields is a part of the volume of its own") {
  INFO("100 h of 10 tokens become 150 h of 12 at $1: volume 800 = 50 h * 11 + 125 h * 2");
  INFO("held +80 h = 880, in transfer -20 h = -220, idle -10 h = -110, yield 250");
  const DifferenceParts parts = explain_difference({usd(1000), 1000.0, hours(100, 0, 0)},
                                                   {usd(1800), 1800.0, hours(180, 20, 10)});
  CHECK(parts.price == Money{});
  CHECK(part(parts, LadderPart::held) == usd(880));
  CHECK(part(parts, LadderPart::in_transfer) == usd(-220));
  CHECK(part(parts, LadderPart::idle) == usd(-110));
  CHECK(parts.volume_by[yield_part] == usd(250));
}

TEST_CASE("a side that is absent has the other side's price and yield") {
  const DifferenceParts parts = explain_difference({}, {usd(2100), 1200.0, hours(1400, 120, 80)});
  INFO("1,200 at $1.75: held 1,400 = 2,450, in transfer -120 = -210, idle -80 = -140");
  CHECK(part(parts, LadderPart::held) == usd(2450));
  CHECK(part(parts, LadderPart::in_transfer) == usd(-210));
  CHECK(part(parts, LadderPart::idle) == usd(-140));
  CHECK(sum(parts.volume_by) == parts.volume);
}

TEST_CASE("a free quantity has a price of zero") {
  INFO("1,000 for nothing become 1,000 at $2: all of it is price");
  const DifferenceParts parts = explain_difference({Money{}, 1000.0}, {usd(2000), 1000.0});
  CHECK(parts == DifferenceParts{.price = usd(2000)});
}

TEST_CASE("an amount without a quantity is not split") {
  const DifferenceParts whole{.unpriced = usd(300)};
  CHECK(explain_difference({usd(100), {}}, {usd(400), {}}) == whole);
  CHECK(explain_difference({usd(100), 0.0}, {usd(400), 0.0}) == whole);
  CHECK(explain_difference({usd(100), 50.0}, {usd(400), {}}) == whole);
  CHECK(explain_difference({usd(100), {}}, {usd(400), 50.0}) == whole);
  CHECK(explain_difference({usd(100), 0.0}, {usd(400), 50.0}) == whole);
  CHECK(explain_difference({Money{}, {}}, {usd(300), {}}) == whole);
}

TEST_CASE("parts that no Money can hold are not formed") {
  const DifferenceParts parts = explain_difference({usd(1000), 1e-300}, {usd(1000), 1e300});
  CHECK(parts == DifferenceParts{});
  CHECK(explain_difference({usd(1000), 1e-200}, {usd(1500), 1.0}) ==
        DifferenceParts{.unpriced = usd(500)});
}

TEST_CASE("a negative quantity is a bug") {
  CHECK_THROWS_AS(explain_difference({usd(1), -1.0}, {usd(1), 1.0}), InvariantBroken);
  CHECK_THROWS_AS(explain_difference({usd(1), 1.0}, {usd(1), std::nan("")}), InvariantBroken);
}

TEST_CASE("parts of twenty thousand random differences add up to the micro-dollar") {
  Stream stream{StreamName{.seed = 3, .path = "waterfall", .purpose = "sides"}};
  int split = 0;
  int ladders = 0;
  for (int i = 0; i < 20'000; ++i) {
    const PricedAmount before = random_side(stream);
    const PricedAmount after = random_side(stream);
    const DifferenceParts parts = explain_difference(before, after);
    CAPTURE(i);
    CAPTURE(before.amount.micro());
    CAPTURE(after.amount.micro());
    REQUIRE(parts.total() == after.amount - before.amount);
    REQUIRE(explain_difference(after, before) == negated(parts));
    const bool by_hours = parts.volume_by != VolumeParts{};
    REQUIRE((!by_hours || sum(parts.volume_by) == parts.volume));
    ladders += by_hours ? 1 : 0;
    const bool whole = parts.price == Money{} && parts.volume == Money{};
    REQUIRE((whole || parts.unpriced == Money{}));
    split += whole ? 0 : 1;
  }
  CHECK(split > 8'000);
  CHECK(ladders > 2'000);
}

TEST_CASE("parts of random differences are the midpoint formula's to the rounding") {
  Stream stream{StreamName{.seed = 4, .path = "waterfall", .purpose = "formula"}};
  for (int i = 0; i < 5'000; ++i) {
    const double q0 = uniform_between(stream, 1, 1e9);
    const double q1 = uniform_between(stream, 1, 1e9);
    const double p0 = uniform_between(stream, 0, 20);
    const double p1 = uniform_between(stream, 0, 20);
    const Money a0 = to_money(Dollars{p0 * q0});
    const Money a1 = to_money(Dollars{p1 * q1});
    const DifferenceParts parts = explain_difference({a0, q0}, {a1, q1});
    CAPTURE(q0);
    CAPTURE(q1);
    CAPTURE(p0);
    CAPTURE(p1);
    const double price = (p1 - p0) * (q0 + q1) / 2 * 1e6;
    const double volume = (q1 - q0) * (p0 + p1) / 2 * 1e6;
    // Rounding of both amounts moves a part by the larger ratio of quantities, doubles by 1e-15.
    const double slack = 3 + q0 / q1 + q1 / q0 + 1e-14 * (p0 + p1) * (q0 + q1) * 1e6;
    REQUIRE(std::abs(static_cast<double>(parts.price.micro()) - price) < slack);
    REQUIRE(std::abs(static_cast<double>(parts.volume.micro()) - volume) < slack);
  }
}
