// Oracle for asset sales: price, gain and what the buyer goes on paying, by hand.
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

/// $3 million for 100 GPUs that the seller goes on operating for $40 an hour.
AssetSaleSpec hundred_gpus() {
  AssetSaleSpec sale;
  sale.grantor = {"seller"};
  sale.holder = {"buyer"};
  sale.price = 3e6 * usd;
  sale.operator_party = Ref{"seller"};
  sale.operating_fee = 40.0 * usd / hour;
  return sale;
}

ContractMonth month_of(double hours, double delivered, double energy_cost) {
  ContractMonth month;
  month.elapsed = hours * hour;
  month.promised = 100.0 * gpu;
  month.delivered = delivered * gpu_hour;
  month.energy_cost = energy_cost * usd;
  return month;
}

/// Nodes change hands: the price is the seller's, what they stand at in its books leaves.
void deliver(Books& books, Money price, Money book_value) {
  books.enter({.payer = Side::holder, .expense = Account::equipment, .income = Account::sale_gain},
              price);
  books.post({.time = SimTime{},
              .party = grantor_books,
              .debit = Account::sale_gain,
              .credit = Account::equipment,
              .amount = book_value});
}

}  // namespace

TEST_CASE("a partial sale's ledger: 100 of 250 GPUs, their gain, fee and electricity") {
  const AssetSaleSpec sale = hundred_gpus();
  Books books;
  books.post({.time = SimTime{},
              .party = grantor_books,
              .debit = Account::equipment,
              .credit = Account::capital,
              .amount = Money{5'000'000 * dollar}});
  Accrual price;
  deliver(books, price.due(sale_price(sale, 40.0 * gpu, 100.0 * gpu)), Money{800'000 * dollar});
  bill(books, sale, month_of(744, 29'760, 1'500.25));
  deliver(books, price.due(sale_price(sale, 100.0 * gpu, 100.0 * gpu)), Money{1'200'000 * dollar});
  bill(books, sale, month_of(720, 72'000, 4'000.50));
  bill(books, sale, month_of(744, 74'400, 4'100));
  INFO("price: 3e6·40/100 = 1,200,000, then 1,800,000; book value 20,000 per GPU: 2,000,000");
  INFO("gain 3,000,000 - 2,000,000 = 1,000,000; the seller keeps 150 GPUs at 3,000,000");
  INFO("fee: 40·744·(29,760/74,400 = .4) = 11,904, 40·720 = 28,800, 40·744 = 29,760; 70,464");
  INFO("electricity 1,500.25 + 4,000.50 + 4,100 = 9,600.75");
  INFO("buyer's cash -(3,000,000 + 70,464 + 9,600.75) = -3,080,064.75");
  CHECK(books.balance(holder_books, Account::equipment) == 3'000'000 * dollar);
  CHECK(books.balance(grantor_books, Account::equipment) == 3'000'000 * dollar);
  CHECK(books.balance(grantor_books, Account::sale_gain) == -1'000'000 * dollar);
  CHECK(books.balance(holder_books, Account::operating_cost) == 70'464 * dollar);
  CHECK(books.balance(grantor_books, Account::supply_income) == -70'464 * dollar);
  CHECK(books.balance(holder_books, Account::energy_cost) == 960'075 * cent);
  CHECK(books.balance(grantor_books, Account::energy_income) == -960'075 * cent);
  CHECK(books.balance(holder_books, Account::cash) == -308'006'475 * cent);
  CHECK(books.balance(grantor_books, Account::cash) == 308'006'475 * cent);
  check_books(books);
}

TEST_CASE("a price for everything is complete when everything is there, GPU by GPU") {
  AssetSaleSpec sale;
  sale.price = 1e6 * usd;
  Accrual price;
  INFO("333,333.333333, 333,333.333334, 333,333.333333");
  CHECK(price.due(sale_price(sale, 1.0 * gpu, 3.0 * gpu)).micro() == 333'333'333'333);
  CHECK(price.due(sale_price(sale, 2.0 * gpu, 3.0 * gpu)).micro() == 333'333'333'334);
  CHECK(price.due(sale_price(sale, 3.0 * gpu, 3.0 * gpu)).micro() == 333'333'333'333);
  CHECK(price.posted().micro() == 1'000'000 * dollar);
}

TEST_CASE("a price per GPU counts GPUs") {
  AssetSaleSpec sale;
  sale.unit_price = 40'000.0 * usd / gpu;
  INFO("40,000·220,000 = 8.8e9, the press's $8 to 12 billion");
  CHECK(sale_price(sale, 220'000.0 * gpu, 220'000.0 * gpu).in(usd) ==
        doctest::Approx(8.8e9).epsilon(1e-15));
  CHECK(sale_price(sale, 8.0 * gpu, 220'000.0 * gpu).in(usd) ==
        doctest::Approx(320'000).epsilon(1e-15));
  CHECK_THROWS_AS(sale_price(AssetSaleSpec{}, 1.0 * gpu, 1.0 * gpu), InvariantBroken);
}

TEST_CASE("who operates and who has the power contract decide which rows there are") {
  AssetSaleSpec sale = hundred_gpus();
  const ContractMonth month = month_of(744, 74'400, 4'100);
  REQUIRE(dues(sale, month).size() == 2);
  CHECK(dues(sale, month)[0].expense == Account::operating_cost);
  CHECK(dues(sale, month)[0].volume == doctest::Approx(74'400).epsilon(1e-14));
  CHECK(dues(sale, month)[1].expense == Account::energy_cost);
  sale.power_contract = true;
  CHECK(dues(sale, month).size() == 1);
  for (const char* other : {"buyer", "somebody"}) {
    sale.operator_party = Ref{other};
    CHECK(dues(sale, month).empty());
  }
  sale.operator_party.reset();
  CHECK(dues(sale, month).empty());
  sale.operator_party = Ref{"seller"};
  sale.operating_fee = MoneyRate{};
  CHECK(dues(sale, month).empty());
}

TEST_CASE("any sale costs the same in however many steps its month is posted") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Stream stream{StreamName{.seed = seed, .path = "asset_sale", .purpose = "steps"}};
    AssetSaleSpec sale = hundred_gpus();
    sale.operating_fee = uniform_between(stream, 1, 5'000) * usd / hour;
    sale.power_contract = stream.next() % 2 == 0;
    check_any_steps(sale, stream);
  }
}

TEST_CASE("an asset sale is a contract about capacity between seller and buyer") {
  const ContractSpec contract = hundred_gpus();
  REQUIRE(capacity_of(contract) != nullptr);
  CHECK(parties_of(contract).grantor == Ref{"seller"});
  CHECK(parties_of(contract).holder == Ref{"buyer"});
}
