// Oracle for revenue shares: a ledger by hand with floor, share and cap.
#include <doctest/doctest.h>

#include <colossim/contract/contract.hpp>

#include "contract_books.hpp"

using namespace colossim;
using namespace colossim::test;
using units::gpu;
using units::gpu_hour;
using units::hour;
using units::usd;

namespace {

/// 30 % of the revenue of 100 GPUs, from $500 to $900 an hour.
RevenueShareSpec hundred_gpus() {
  RevenueShareSpec share;
  share.grantor = {"owner"};
  share.holder = {"tenant"};
  share.share = 0.3;
  share.floor = 500.0 * usd / hour;
  share.cap = 900.0 * usd / hour;
  return share;
}

ContractMonth month_of(double hours, double delivered, double revenue) {
  ContractMonth month;
  month.elapsed = hours * hour;
  month.promised = 100.0 * gpu;
  month.committed = 100.0 * gpu * month.elapsed;
  month.delivered = delivered * gpu_hour;
  month.revenue = revenue * usd;
  return month;
}

double paid(const RevenueShareSpec& share, const ContractMonth& month) {
  return dues(share, month).front().amount.in(usd);
}

}  // namespace

TEST_CASE("a revenue share's ledger: floor of a half delivery, share, cap") {
  Books books;
  bill(books, hundred_gpus(), month_of(744, 37'200, 400'000));
  bill(books, hundred_gpus(), month_of(720, 72'000, 1'500'000));
  bill(books, hundred_gpus(), month_of(744, 80'000, 3'000'000));
  bill(books, hundred_gpus(), month_of(744, 0, 0));
  INFO("37,200 of 74,400 GPU-hours: floor 500·744/2 = 186,000 > .3·400,000 = 120,000");
  INFO("all: 500·720 = 360,000 < .3·1,500,000 = 450,000 < 900·720 = 648,000");
  INFO("more than all counts as all: .3·3,000,000 = 900,000 > cap 900·744 = 669,600");
  INFO("nothing: 0; sum 186,000 + 450,000 + 669,600 = 1,305,600");
  CHECK(books.balance(holder_books, Account::share_cost) == 1'305'600 * dollar);
  CHECK(books.balance(grantor_books, Account::share_income) == -1'305'600 * dollar);
  CHECK(books.balance(grantor_books, Account::cash) == 1'305'600 * dollar);
  CHECK(books.balance(holder_books, Account::cash) == -1'305'600 * dollar);
  check_books(books);
}

TEST_CASE("floor and cap count elapsed time, in proportion to what was delivered of the promise") {
  const RevenueShareSpec share = hundred_gpus();
  INFO("100 h, 10,000 GPU-hours promised and 2,500 there: floor 12,500, cap 22,500");
  CHECK(paid(share, month_of(100, 2'500, 0)) == doctest::Approx(12'500).epsilon(1e-14));
  CHECK(paid(share, month_of(100, 2'500, 60'000)) == doctest::Approx(18'000).epsilon(1e-14));
  CHECK(paid(share, month_of(100, 2'500, 90'000)) == doctest::Approx(22'500).epsilon(1e-14));
  CHECK(dues(share, month_of(100, 2'500, 0)).front().volume ==
        doctest::Approx(2'500).epsilon(1e-14));
}

TEST_CASE("a share without floor and cap is a share, and a cap below the floor wins") {
  RevenueShareSpec share;
  share.share = 0.25;
  CHECK(paid(share, month_of(744, 74'400, 1'000'000)) == doctest::Approx(250'000).epsilon(1e-14));
  CHECK(paid(share, month_of(744, 74'400, 0)) == 0);
  share.floor = 500.0 * usd / hour;
  share.cap = 400.0 * usd / hour;
  CHECK(paid(share, month_of(100, 10'000, 0)) == doctest::Approx(40'000).epsilon(1e-14));
}

TEST_CASE("any revenue share costs the same in however many steps its month is posted") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Stream stream{StreamName{.seed = seed, .path = "revenue_share", .purpose = "steps"}};
    RevenueShareSpec share;
    share.share = uniform_between(stream, 0, 1);
    share.floor = uniform_between(stream, 0, 5'000) * usd / hour;
    share.cap = share.floor + uniform_between(stream, 0, 50'000) * usd / hour;
    check_any_steps(share, stream);
  }
}

TEST_CASE("a revenue share is a contract about capacity between owner and tenant") {
  const ContractSpec contract = hundred_gpus();
  REQUIRE(capacity_of(contract) != nullptr);
  CHECK(parties_of(contract).grantor == Ref{"owner"});
  CHECK(parties_of(contract).holder == Ref{"tenant"});
}
