// Oracle for power purchases: a ledger by hand, with months below and above what must be taken.
#include <doctest/doctest.h>

#include <colossim/contract/contract.hpp>

#include "contract_books.hpp"

using namespace colossim;
using namespace colossim::test;
using units::hour;
using units::megawatt;
using units::megawatt_hour;
using units::usd;

namespace {

/// 10 MW at $50/MWh, 80 % of it paid unused.
PowerPurchaseSpec ten_megawatts() {
  PowerPurchaseSpec purchase;
  purchase.supplier = {"plant"};
  purchase.buyer = {"owner"};
  purchase.volume = 10.0 * megawatt;
  purchase.price = 50.0 * usd / megawatt_hour;
  purchase.take = 0.8;
  return purchase;
}

struct Taken {
  double hours;
  double energy;  // MWh
};

Due energy_row(Dollars amount) {
  return {.payer = Side::holder,
          .expense = Account::energy_cost,
          .income = Account::energy_income,
          .amount = amount};
}

/// Posts the month's growing cost at so many equal steps.
void bill_energy(Books& books, const PowerPurchaseSpec& purchase, const Taken& month, int steps) {
  for (int i = 1; i <= steps; ++i) {
    const double share = i < steps ? static_cast<double>(i) / steps : 1.0;
    books.post({energy_row(purchase_cost(purchase, share * month.energy * megawatt_hour,
                                         share * month.hours * hour))});
  }
  books.end_month();
}

}  // namespace

TEST_CASE("a power purchase's ledger: taken above the minimum, below it, and in full") {
  Books books;
  bill_energy(books, ten_megawatts(), {744, 6'500}, 744);
  bill_energy(books, ten_megawatts(), {720, 4'000}, 720);
  bill_energy(books, ten_megawatts(), {744, 7'440}, 744);
  INFO("50·max(6,500, .8·10·744 = 5,952) = 325,000");
  INFO("50·max(4,000, .8·10·720 = 5,760) = 288,000");
  INFO("50·max(7,440, .8·10·744 = 5,952) = 372,000; sum 985,000");
  CHECK(books.balance(holder_books, Account::energy_cost) == 985'000 * dollar);
  CHECK(books.balance(grantor_books, Account::energy_income) == -985'000 * dollar);
  CHECK(books.balance(holder_books, Account::cash) == -985'000 * dollar);
  CHECK(books.balance(grantor_books, Account::cash) == 985'000 * dollar);
  check_books(books);
}

TEST_CASE("what is not taken is paid by the hour, as the month goes on") {
  INFO("100 h: 50·.8·10·100 = 40,000; nothing must be taken at a share of 0");
  PowerPurchaseSpec purchase = ten_megawatts();
  CHECK(purchase_cost(purchase, Energy{}, 100.0 * hour).in(usd) ==
        doctest::Approx(40'000).epsilon(1e-14));
  purchase.take = 0;
  CHECK(purchase_cost(purchase, Energy{}, 100.0 * hour).in(usd) == 0);
}

TEST_CASE("at a negative price the supplier pays for what is taken") {
  PowerPurchaseSpec purchase = ten_megawatts();
  purchase.price = -5.0 * usd / megawatt_hour;
  Books books;
  bill_energy(books, purchase, {744, 7'000}, 10);
  INFO("-5·7,000 = -35,000");
  CHECK(books.balance(holder_books, Account::cash) == 35'000 * dollar);
  check_books(books);
}

TEST_CASE("any purchase costs the same in however many steps its month is posted") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Stream stream{StreamName{.seed = seed, .path = "power_purchase", .purpose = "steps"}};
    PowerPurchaseSpec purchase;
    purchase.volume = uniform_between(stream, 1, 500) * megawatt;
    purchase.price = uniform_between(stream, 0, 300) * usd / megawatt_hour;
    purchase.take = uniform_between(stream, 0, 1);
    const int steps = 1 + static_cast<int>(stream.next() % 40);
    Energy taken;
    Time elapsed;
    Dollars before;
    Accrual accrual;
    Money posted;
    for (int i = 0; i < steps; ++i) {
      const Time step = uniform_between(stream, 0, 1'500.0 / steps) * hour;
      taken += purchase.volume * step * uniform_between(stream, 0, 1);
      elapsed += step;
      const Dollars cost = purchase_cost(purchase, taken, elapsed);
      CHECK(cost >= before);
      posted += accrual.due(cost);
      before = cost;
    }
    CHECK(posted == to_money(purchase_cost(purchase, taken, elapsed)));
  }
}

TEST_CASE("a power purchase has a supplier and a buyer, and moves no nodes") {
  const ContractSpec contract = ten_megawatts();
  CHECK(capacity_of(contract) == nullptr);
  CHECK(parties_of(contract).grantor == Ref{"plant"});
  CHECK(parties_of(contract).holder == Ref{"owner"});
  CHECK(terms_of(contract).term == Period{36});
}
