// Checks the books: every posting balances, payments mirror, balances are the journal's sums.
#include <array>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/check.hpp>
#include <colossim/base/random.hpp>
#include <colossim/record/ledger.hpp>

using namespace colossim;

namespace {

constexpr auto account_count = static_cast<std::size_t>(Account::count);

Account account(std::size_t row) {
  return static_cast<Account>(row);
}

/// The balance of an account as the journal tells it.
Money replayed(const Ledger& ledger, PartyId party, Account wanted) {
  Money sum;
  for (const Posting& posting : ledger.journal()) {
    if (posting.party != party) continue;
    if (posting.debit == wanted) sum += posting.amount;
    if (posting.credit == wanted) sum -= posting.amount;
  }
  return sum;
}

Money sum_of_balances(const Ledger& ledger, PartyId party) {
  Money sum;
  for (std::size_t row = 0; row < account_count; ++row) sum += ledger.balance(party, account(row));
  return sum;
}

Posting draw_posting(Stream& stream, std::size_t parties) {
  Posting posting;
  posting.time = SimTime{static_cast<std::int64_t>(stream.next() % 1'000'000)};
  posting.party = PartyId{stream.next() % parties};
  posting.debit = account(stream.next() % account_count);
  posting.credit = account(stream.next() % account_count);
  posting.cause = static_cast<std::uint16_t>(stream.next() % 9);
  posting.amount = Money{static_cast<std::int64_t>(stream.next() % 1'000'000'000'000)};
  return posting;
}

}  // namespace

TEST_CASE("a posting debits one account and credits another") {
  Ledger ledger{2};
  ledger.post({.time = SimTime{5},
               .party = PartyId{1},
               .debit = Account::equipment,
               .credit = Account::cash,
               .cause = 3,
               .amount = Money{40}});
  CHECK(ledger.balance(PartyId{1}, Account::equipment) == Money{40});
  CHECK(ledger.balance(PartyId{1}, Account::cash) == Money{-40});
  CHECK(sum_of_balances(ledger, PartyId{0}) == Money{});
  REQUIRE(ledger.journal().size() == 1);
  CHECK(ledger.journal()[0].time == SimTime{5});
  CHECK(ledger.journal()[0].cause == 3);
  CHECK(ledger.parties() == 2);
}

TEST_CASE("the balances of each party sum to zero and equal a replay of the journal") {
  constexpr std::size_t parties = 5;
  Stream stream{StreamName{.seed = 3, .path = "ledger"}};
  Ledger ledger{parties};
  for (int i = 0; i < 3000; ++i) ledger.post(draw_posting(stream, parties));
  for (std::size_t row = 0; row < parties; ++row) {
    const PartyId party{row};
    CHECK(sum_of_balances(ledger, party) == Money{});
    for (std::size_t i = 0; i < account_count; ++i) {
      CHECK(ledger.balance(party, account(i)) == replayed(ledger, party, account(i)));
    }
  }
}

TEST_CASE("a payment mirrors: what one party spends another earns") {
  Ledger ledger{2};
  const PartyId payer{0};
  const PartyId payee{1};
  pay(ledger, {.time = SimTime{7},
               .payer = payer,
               .expense = Account::lease_cost,
               .payee = payee,
               .income = Account::lease_income,
               .cause = 4,
               .amount = Money{1000}});
  CHECK(ledger.balance(payer, Account::lease_cost) == Money{1000});
  CHECK(ledger.balance(payer, Account::cash) == Money{-1000});
  CHECK(ledger.balance(payee, Account::cash) == Money{1000});
  CHECK(ledger.balance(payee, Account::lease_income) == Money{-1000});
  REQUIRE(ledger.journal().size() == 2);
  for (const Posting& posting : ledger.journal()) {
    CHECK(posting.time == SimTime{7});
    CHECK(posting.cause == 4);
    CHECK(posting.amount == Money{1000});
  }
}

TEST_CASE("payments create no cash") {
  constexpr std::size_t parties = 4;
  Stream stream{StreamName{.seed = 3, .path = "payments"}};
  Ledger ledger{parties};
  for (int i = 0; i < 500; ++i) {
    Payment payment;
    payment.payer = PartyId{stream.next() % parties};
    payment.payee = PartyId{stream.next() % parties};
    payment.amount = Money{static_cast<std::int64_t>(stream.next() % 1'000'000)};
    pay(ledger, payment);
  }
  Money cash;
  for (std::size_t i = 0; i < parties; ++i) cash += ledger.balance(PartyId{i}, Account::cash);
  CHECK(cash == Money{});
}

TEST_CASE("an amount of zero leaves no entry") {
  Ledger ledger{1};
  ledger.post({.party = PartyId{0}, .debit = Account::cash, .credit = Account::lease_income});
  pay(ledger, {.payer = PartyId{0}, .payee = PartyId{0}});
  CHECK(ledger.journal().empty());
  CHECK(ledger.balance(PartyId{0}, Account::cash) == Money{});
}

TEST_CASE("a negative posting is a bug and changes nothing") {
  Ledger ledger{1};
  CHECK_THROWS_AS(ledger.post({.party = PartyId{0}, .amount = Money{-1}}), InvariantBroken);
  CHECK(ledger.journal().empty());
  CHECK(sum_of_balances(ledger, PartyId{0}) == Money{});
}

TEST_CASE("a negative payment is a refund: the same accounts, reversed") {
  Ledger ledger{2};
  Payment payment{.payer = PartyId{0},
                  .expense = Account::energy_cost,
                  .payee = PartyId{1},
                  .income = Account::energy_income,
                  .amount = Money{1'000'000}};
  pay(ledger, payment);
  payment.amount = Money{-300'000};
  pay(ledger, payment);
  CHECK(ledger.balance(PartyId{0}, Account::energy_cost) == Money{700'000});
  CHECK(ledger.balance(PartyId{0}, Account::cash) == Money{-700'000});
  CHECK(ledger.balance(PartyId{1}, Account::energy_income) == Money{-700'000});
  CHECK(ledger.balance(PartyId{1}, Account::cash) == Money{700'000});
}

TEST_CASE("a copy of the books goes its own way") {
  Ledger ledger{1};
  ledger.post({.party = PartyId{0}, .debit = Account::energy_cost, .amount = Money{5}});
  Ledger copy = ledger;
  copy.post({.party = PartyId{0}, .debit = Account::energy_cost, .amount = Money{7}});
  CHECK(ledger.balance(PartyId{0}, Account::energy_cost) == Money{5});
  CHECK(copy.balance(PartyId{0}, Account::energy_cost) == Money{12});
}

namespace {

/// What the name of an account says about its class.
AccountClass class_by_name(std::string_view text) {
  if (text.ends_with("_income") || text.ends_with("_gain")) return AccountClass::income;
  const bool expense = text.ends_with("_cost") || text.ends_with("_loss") || text == "depreciation";
  if (expense) return AccountClass::expense;
  if (text == "capital") return AccountClass::equity;
  const bool owed = text == "deferred" || text == "debt";
  return owed ? AccountClass::liability : AccountClass::asset;
}

}  // namespace

TEST_CASE("every account has a name of its own and the class its name suggests") {
  std::set<std::string_view> names;
  for (std::size_t row = 0; row < account_count; ++row) {
    const std::string_view text = name(account(row));
    CAPTURE(text);
    CHECK(names.insert(text).second);
    CHECK(account_class(account(row)) == class_by_name(text));
  }
  CHECK(names.size() == account_count);
  for (const std::string_view asset : {"cash", "equipment", "units", "prepaid"})
    CHECK(names.contains(asset));
}

TEST_CASE("what someone has is what it owes, began with and earned less what it spent") {
  Ledger ledger{1};
  const PartyId party{0};
  const auto post = [&](Account debit, Account credit, std::int64_t amount) {
    ledger.post({.party = party, .debit = debit, .credit = credit, .amount = Money{amount}});
  };
  post(Account::cash, Account::capital, 1000);
  post(Account::cash, Account::debt, 500);
  post(Account::equipment, Account::cash, 900);
  post(Account::cash, Account::deferred, 70);
  post(Account::deferred, Account::lease_income, 30);
  post(Account::depreciation, Account::equipment, 100);
  std::array<Money, 5> sums{};
  for (std::size_t row = 0; row < account_count; ++row)
    sums[static_cast<std::size_t>(account_class(account(row)))] +=
        ledger.balance(party, account(row));
  const auto sum = [&](AccountClass kind) { return sums[static_cast<std::size_t>(kind)]; };
  INFO("assets 670 + 800; liabilities 500 + 40; equity 1000; income 30; expenses 100");
  CHECK(sum(AccountClass::asset) == Money{1470});
  CHECK(sum(AccountClass::liability) == Money{-540});
  CHECK(sum(AccountClass::equity) == Money{-1000});
  CHECK(sum(AccountClass::income) == Money{-30});
  CHECK(sum(AccountClass::expense) == Money{100});
  CHECK(sum_of_balances(ledger, party) == Money{});
}
