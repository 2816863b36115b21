// Oracle for licences: fee and royalty by hand.
#include <doctest/doctest.h>

#include <colossim/contract/contract.hpp>

#include "contract_books.hpp"

using namespace colossim;
using namespace colossim::test;
using units::hour;
using units::usd;

namespace {

/// Model weights for $1 million at once, $365 an hour and 5 % of the service revenue.
LicenseSpec weights() {
  LicenseSpec license;
  license.licensor = {"lab"};
  license.licensee = {"cloud"};
  license.upfront = 1e6 * usd;
  license.fee = 365.0 * usd / hour;
  license.royalty = 0.05;
  return license;
}

ContractMonth month_of(double hours, double revenue) {
  ContractMonth month;
  month.elapsed = hours * hour;
  month.revenue = revenue * usd;
  return month;
}

}  // namespace

TEST_CASE("a licence's ledger: paid at once, by the hour and by the revenue") {
  const LicenseSpec license = weights();
  Books books;
  books.enter(
      {.payer = Side::holder, .expense = Account::license_cost, .income = Account::license_income},
      to_money(license.upfront));
  bill(books, license, month_of(744, 1'200'000));
  bill(books, license, month_of(720, 0));
  bill(books, license, month_of(744, 1'234'567.80));
  INFO("1,000,000 at once");
  INFO("365·744 = 271,560, .05·1,200,000 = 60,000");
  INFO("365·720 = 262,800, 0");
  INFO("365·744 = 271,560, .05·1,234,567.80 = 61,728.39; sum 1,927,648.39");
  CHECK(books.balance(holder_books, Account::license_cost) == 192'764'839 * cent);
  CHECK(books.balance(grantor_books, Account::license_income) == -192'764'839 * cent);
  CHECK(books.balance(holder_books, Account::cash) == -192'764'839 * cent);
  CHECK(books.balance(grantor_books, Account::cash) == 192'764'839 * cent);
  check_books(books);
}

TEST_CASE("fee and royalty are rows of their own, fee first, even when they are nothing") {
  const std::vector<Due> rows = dues(weights(), month_of(100, 50'000));
  REQUIRE(rows.size() == 2);
  INFO("365·100 = 36,500; .05·50,000 = 2,500");
  CHECK(rows[0].amount.in(usd) == doctest::Approx(36'500).epsilon(1e-14));
  CHECK(rows[1].amount.in(usd) == doctest::Approx(2'500).epsilon(1e-14));
  CHECK(dues(LicenseSpec{}, month_of(100, 50'000)).size() == 2);
}

TEST_CASE("any licence costs the same in however many steps its month is posted") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Stream stream{StreamName{.seed = seed, .path = "license", .purpose = "steps"}};
    LicenseSpec license;
    license.fee = uniform_between(stream, 0, 5'000) * usd / hour;
    license.royalty = uniform_between(stream, 0, 1);
    check_any_steps(license, stream);
  }
}

TEST_CASE("licences and loans have two sides and move no nodes") {
  const ContractSpec license = weights();
  CHECK(capacity_of(license) == nullptr);
  CHECK(parties_of(license).grantor == Ref{"lab"});
  CHECK(parties_of(license).holder == Ref{"cloud"});
  FinancingSpec loan;
  loan.lender = {"bank"};
  loan.borrower = {"owner"};
  loan.term = Period{60};
  const ContractSpec financing = loan;
  CHECK(capacity_of(financing) == nullptr);
  CHECK(terms_of(financing).term == Period{60});
  CHECK(parties_of(financing).grantor == Ref{"bank"});
  CHECK(parties_of(financing).holder == Ref{"owner"});
}
