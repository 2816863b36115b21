// Oracle for equity swaps: value and units by hand.
#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/contract/contract.hpp>

#include "contract_books.hpp"

using namespace colossim;
using namespace colossim::test;
using units::gpu;
using units::gpu_hour;
using units::hour;
using units::usd;

namespace {

EquitySwapSpec at_two_dollars() {
  EquitySwapSpec swap;
  swap.grantor = {"owner"};
  swap.holder = {"tenant"};
  swap.price = 2.0 * usd / gpu_hour;
  swap.discount = 0.2;
  return swap;
}

ContractMonth month_of(double hours, double delivered) {
  ContractMonth month;
  month.elapsed = hours * hour;
  month.promised = 1'000.0 * gpu;
  month.delivered = delivered * gpu_hour;
  return month;
}

/// The owner takes units for what it is owed: the tenant's owners put that much in.
void settle_in_units(Books& books, Money value) {
  books.enter({.payer = Side::grantor, .expense = Account::units, .income = Account::capital},
              value);
}

}  // namespace

TEST_CASE("an equity swap's ledger: value of what was delivered, paid in discounted units") {
  const EquitySwapSpec swap = at_two_dollars();
  struct Delivered {
    double hours;
    double gpu_hours;
    double unit_price;
  };
  Books books;
  double units = 0;
  for (const Delivered& row :
       {Delivered{744, 372'000, 50}, Delivered{720, 720'000, 40}, Delivered{744, 744'000, 80}}) {
    const ContractMonth month = month_of(row.hours, row.gpu_hours);
    bill(books, swap, month);
    const Dollars value = dues(swap, month).front().amount;
    settle_in_units(books, to_money(value));
    units += units_for(value, row.unit_price * usd, swap.discount);
  }
  INFO("2·372,000 =   744,000 at $50 less 20 % = $40: 18,600 units");
  INFO("2·720,000 = 1,440,000 at $40 less 20 % = $32: 45,000 units");
  INFO("2·744,000 = 1,488,000 at $80 less 20 % = $64: 23,250 units");
  INFO("sum 3,672,000 and 86,850 units; no cash stays with anyone");
  CHECK(books.balance(holder_books, Account::lease_cost) == 3'672'000 * dollar);
  CHECK(books.balance(holder_books, Account::capital) == -3'672'000 * dollar);
  CHECK(books.balance(grantor_books, Account::lease_income) == -3'672'000 * dollar);
  CHECK(books.balance(grantor_books, Account::units) == 3'672'000 * dollar);
  CHECK(books.balance(grantor_books, Account::cash) == 0);
  CHECK(books.balance(holder_books, Account::cash) == 0);
  CHECK(units == doctest::Approx(86'850).epsilon(1e-14));
  check_books(books);
}

TEST_CASE("units are worth their value at the discounted price") {
  INFO("1,000,000/(50·.75) = 26,666.67; without discount 20,000");
  CHECK(units_for(1e6 * usd, 50.0 * usd, 0.25) == doctest::Approx(26'666.6666667).epsilon(1e-11));
  CHECK(units_for(1e6 * usd, 50.0 * usd, 0) == doctest::Approx(20'000).epsilon(1e-15));
  CHECK(units_for(Dollars{}, 50.0 * usd, 0.25) == 0);
  CHECK_THROWS_AS(units_for(1e6 * usd, Dollars{}, 0), InvariantBroken);
}

TEST_CASE("the swap's row is a price of GPU-hours") {
  const Due row = dues(at_two_dollars(), month_of(744, 372'000)).front();
  CHECK(row.payer == Side::holder);
  CHECK(row.volume == doctest::Approx(372'000).epsilon(1e-14));
  CHECK(std::string{row.unit} == "gpu-h");
}

TEST_CASE("any swap is worth the same in however many steps its month is posted") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Stream stream{StreamName{.seed = seed, .path = "equity_swap", .purpose = "steps"}};
    EquitySwapSpec swap;
    swap.price = uniform_between(stream, 0, 9) * usd / gpu_hour;
    check_any_steps(swap, stream);
  }
}

TEST_CASE("an equity swap is a contract about capacity between owner and tenant") {
  const ContractSpec contract = at_two_dollars();
  REQUIRE(capacity_of(contract) != nullptr);
  CHECK(parties_of(contract).grantor == Ref{"owner"});
  CHECK(parties_of(contract).holder == Ref{"tenant"});
}
