// Oracle for leases: ledgers computed by hand, and splits of a month that may not matter.
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
using units::year;

namespace {

constexpr auto per_gpu_hour = usd / gpu_hour;

/// 1,000 GPUs at $2 per GPU-hour, 95 % of what is delivered paid unused.
LeaseSpec thousand_gpus() {
  LeaseSpec lease;
  lease.grantor = {"owner"};
  lease.holder = {"tenant"};
  lease.price = 2.0 * per_gpu_hour;
  lease.take_or_pay = 0.95;
  return lease;
}

/// A month of 1,000 promised GPUs; GPU-time in GPU-hours.
ContractMonth month_of(int index, double hours, double committed, double delivered, double used) {
  ContractMonth month;
  month.index = month.whole_months = index;
  month.elapsed = hours * hour;
  month.promised = 1'000.0 * gpu;
  month.committed = committed * gpu_hour;
  month.delivered = delivered * gpu_hour;
  month.used = used * gpu_hour;
  return month;
}

double price_at(const LeaseSpec& lease, int index) {
  return lease_price(lease, month_of(index, 730, 0, 0, 0)) / per_gpu_hour;
}

ServiceLevelSpec usual_sla() {
  return {.tiers = {{.below = 0.99, .credit = 0.10}, {.below = 0.95, .credit = 0.25}}, .cap = 0.5};
}

}  // namespace

TEST_CASE("a lease's ledger: ramp at half the fee, take-or-pay, credits, indexation in year 2") {
  LeaseSpec lease = thousand_gpus();
  lease.reduced = ReducedFeeSpec{.share = 0.5, .period = Period{2}};
  lease.indexation = 0.03 / year;
  lease.sla = usual_sla();
  Books books;
  bill(books, lease, month_of(0, 744, 400'000, 390'000, 300'000));
  bill(books, lease, month_of(1, 720, 720'000, 720'000, 700'000));
  bill(books, lease, month_of(2, 744, 744'000, 744'000, 650'000));
  bill(books, lease, month_of(12, 744, 744'000, 690'000, 600'000));
  INFO("May:       $1    · max(300,000, .95·390,000 = 370,500) = 370,500.00");
  INFO("           390/400 = 97.5 % < 99 %: 10 % back          =  37,050.00");
  INFO("June:      $1    · max(700,000, .95·720,000 = 684,000) = 700,000.00, 100 %: nothing back");
  INFO("July:      $2    · max(650,000, .95·744,000 = 706,800) = 1,413,600.00");
  INFO("next May:  $2.06 · max(600,000, .95·690,000 = 655,500) = 1,350,330.00");
  INFO("           690/744 = 92.7 % < 95 %: 25 % back          =  337,582.50");
  INFO("fees 3,834,430.00, credits 374,632.50, tenant's cash -3,459,797.50");
  CHECK(books.balance(holder_books, Account::lease_cost) == 3'834'430 * dollar);
  CHECK(books.balance(grantor_books, Account::lease_income) == -3'834'430 * dollar);
  CHECK(books.balance(grantor_books, Account::credit_cost) == 37'463'250 * cent);
  CHECK(books.balance(holder_books, Account::credit_income) == -37'463'250 * cent);
  CHECK(books.balance(holder_books, Account::cash) == -345'979'750 * cent);
  CHECK(books.balance(grantor_books, Account::cash) == 345'979'750 * cent);
  check_books(books);
}

TEST_CASE("a net lease's ledger: the tenant pays the owner's electricity back") {
  LeaseSpec lease = thousand_gpus();
  lease.power = "net";
  lease.take_or_pay = 1;
  Books books;
  ContractMonth month = month_of(0, 744, 744'000, 744'000, 700'000);
  month.energy_cost = 61'234.56 * usd;
  bill(books, lease, month);
  month = month_of(1, 720, 720'000, 720'000, 700'000);
  month.energy_cost = 60'000.01 * usd;
  bill(books, lease, month);
  month = month_of(2, 744, 744'000, 744'000, 700'000);
  month.energy_cost = 62'345.678901 * usd;
  bill(books, lease, month);
  INFO("fee 2·(744,000 + 720,000 + 744,000) = 4,416,000");
  INFO("electricity 61,234.56 + 60,000.01 + 62,345.678901 = 183,580.248901; sum 4,599,580.248901");
  CHECK(books.balance(holder_books, Account::lease_cost) == 4'416'000 * dollar);
  CHECK(books.balance(holder_books, Account::energy_cost) == 183'580'248'901);
  CHECK(books.balance(grantor_books, Account::energy_income) == -183'580'248'901);
  CHECK(books.balance(holder_books, Account::cash) == -4'599'580'248'901);
  check_books(books);
}

TEST_CASE("a lease by the month: the fee is for all GPUs, and less when fewer are there") {
  LeaseSpec lease = thousand_gpus();
  lease.price.reset();
  lease.fee = 1'460'000.0 * usd / (730.0 * hour);
  lease.take_or_pay = 1;
  Books books;
  bill(books, lease, month_of(0, 730, 730'000, 730'000, 0));
  bill(books, lease, month_of(1, 730, 438'000, 438'000, 0));
  bill(books, lease, month_of(2, 744, 744'000, 186'000, 0));
  INFO("1,460,000/(1,000·730) = $2 per GPU-hour");
  INFO("all 730 h: 1,460,000; 600 GPUs accepted: 60 % of it = 876,000");
  INFO("744 h, a quarter delivered: 2·186,000 = 372,000; sum 2,708,000");
  CHECK(price_at(lease, 0) == doctest::Approx(2.0).epsilon(1e-15));
  CHECK(books.balance(holder_books, Account::lease_cost) == 2'708'000 * dollar);
  CHECK(books.balance(grantor_books, Account::cash) == 2'708'000 * dollar);
  check_books(books);
}

TEST_CASE("V25: the filings' monthly fees are what fully delivered months of 730 h cost") {
  LeaseSpec lease;
  lease.fee = 1.25e9 * usd / (730.0 * hour);
  ContractMonth month = month_of(0, 730, 0, 0, 0);
  month.promised = 325'000.0 * gpu;
  month.committed = month.delivered = month.promised * month.elapsed;
  INFO("1.25e9/(325,000·730) = 5.26870");
  CHECK(lease_price(lease, month) / per_gpu_hour == doctest::Approx(5.26870).epsilon(1e-5));
  CHECK(to_money(dues(lease, month).front().amount).micro() == 1'250'000'000 * dollar);
  CHECK(dues(lease, month).front().volume == doctest::Approx(325'000.0 * 730).epsilon(1e-15));
  INFO("half a month by the clock costs half: elapsed time, not calendar months");
  CHECK(to_money(dues(lease, part_of(month, 0.5)).front().amount).micro() == 625'000'000 * dollar);
}

TEST_CASE("a late ramp is the tenant's or the owner's loss, as the contract says") {
  LeaseSpec lease = thousand_gpus();
  Books owners;
  Books tenants;
  const std::vector<ContractMonth> quarter{month_of(0, 744, 744'000, 300'000, 100'000),
                                           month_of(1, 720, 720'000, 600'000, 600'000),
                                           month_of(2, 744, 744'000, 744'000, 700'000)};
  for (const ContractMonth& month : quarter) bill(owners, lease, month);
  lease.liability.late_ramp = "tenant";
  for (const ContractMonth& month : quarter) bill(tenants, lease, month);
  INFO("owner's loss:  2·max(100,000, .95·300,000 = 285,000) =   570,000");
  INFO("               2·max(600,000, .95·600,000 = 570,000) = 1,200,000");
  INFO("               2·max(700,000, .95·744,000 = 706,800) = 1,413,600; sum 3,183,600");
  INFO("tenant's loss: 2·.95·744,000 = 1,413,600, 2·.95·720,000 = 1,368,000, 1,413,600; 4,195,200");
  CHECK(owners.balance(grantor_books, Account::cash) == 3'183'600 * dollar);
  CHECK(tenants.balance(grantor_books, Account::cash) == 4'195'200 * dollar);
  CHECK(tenants.balance(holder_books, Account::lease_cost) == 4'195'200 * dollar);
  check_books(owners);
  check_books(tenants);
}

TEST_CASE("a late ramp that the tenant bears is no missed availability") {
  LeaseSpec lease = thousand_gpus();
  lease.sla = usual_sla();
  ContractMonth month = month_of(0, 744, 744'000, 300'000, 100'000);
  month.complete = true;
  INFO("300/744 = 40 % < 95 %: 25 % of 570,000 = 142,500");
  CHECK(dues(lease, month)[1].amount.in(usd) == doctest::Approx(142'500).epsilon(1e-12));
  lease.liability.late_ramp = "tenant";
  CHECK(dues(lease, month)[1].amount.in(usd) == 0);
}

TEST_CASE("curtailed GPU-time is not paid when the owner answers for it") {
  LeaseSpec lease = thousand_gpus();
  ContractMonth month = month_of(0, 744, 744'000, 744'000, 740'000);
  month.curtailed = 44'000.0 * gpu_hour;
  INFO("tenant: 2·max(740,000, .95·744,000 = 706,800) = 1,480,000");
  CHECK(dues(lease, month).front().amount.in(usd) == doctest::Approx(1'480'000).epsilon(1e-12));
  lease.liability.curtailment = "owner";
  INFO("owner: 2·max(696,000, .95·700,000 = 665,000) = 1,392,000, 696,000 GPU-hours paid");
  CHECK(dues(lease, month).front().amount.in(usd) == doctest::Approx(1'392'000).epsilon(1e-12));
  CHECK(dues(lease, month).front().volume == doctest::Approx(696'000).epsilon(1e-12));
  INFO("the tenant bears late ramps: nothing was late, so nothing changes");
  lease.liability.late_ramp = "tenant";
  CHECK(dues(lease, month).front().amount.in(usd) == doctest::Approx(1'392'000).epsilon(1e-12));
}

TEST_CASE("the ledger of a curtailed quarter whose owner is liable, with credits") {
  LeaseSpec lease = thousand_gpus();
  lease.take_or_pay = 1;
  lease.liability.curtailment = "owner";
  lease.sla = usual_sla();
  Books books;
  ContractMonth month = month_of(0, 744, 744'000, 744'000, 744'000);
  month.curtailed = 14'880.0 * gpu_hour;
  bill(books, lease, month);
  month = month_of(1, 720, 720'000, 720'000, 720'000);
  month.curtailed = 72'000.0 * gpu_hour;
  bill(books, lease, month);
  bill(books, lease, month_of(2, 744, 744'000, 744'000, 744'000));
  INFO("2·729,120 = 1,458,240, 98 %: 10 % back = 145,824");
  INFO("2·648,000 = 1,296,000, 90 %: 25 % back = 324,000");
  INFO("2·744,000 = 1,488,000, 100 %; fees 4,242,240, credits 469,824, cash 3,772,416");
  CHECK(books.balance(grantor_books, Account::lease_income) == -4'242'240 * dollar);
  CHECK(books.balance(grantor_books, Account::credit_cost) == 469'824 * dollar);
  CHECK(books.balance(grantor_books, Account::cash) == 3'772'416 * dollar);
  check_books(books);
}

TEST_CASE("the service credit waits for the month's end, keeps its tier's bound and its cap") {
  LeaseSpec lease = thousand_gpus();
  lease.sla = usual_sla();
  ContractMonth month = month_of(0, 744, 744'000, 600'000, 600'000);
  CHECK(dues(lease, month)[1].payer == Side::grantor);
  CHECK(dues(lease, month)[1].amount.in(usd) == 0);
  month.complete = true;
  INFO("600/744 = 81 %: 25 % of 1,200,000 = 300,000");
  CHECK(dues(lease, month)[1].amount.in(usd) == doctest::Approx(300'000).epsilon(1e-12));
  lease.sla->cap = 0.2;
  INFO("at most 20 % = 240,000");
  CHECK(dues(lease, month)[1].amount.in(usd) == doctest::Approx(240'000).epsilon(1e-12));
  INFO("exactly 99 %: the promise is kept; a month in which nothing was due misses nothing");
  month = month_of(0, 744, 100'000, 99'000, 0);
  month.complete = true;
  CHECK(dues(lease, month)[1].amount.in(usd) == 0);
  month = month_of(0, 744, 0, 0, 0);
  month.complete = true;
  CHECK(dues(lease, month)[1].amount.in(usd) == 0);
}

TEST_CASE("GPUs beyond the commitment are paid when they are used, and only then") {
  LeaseSpec lease = thousand_gpus();
  lease.flexible = 500.0 * gpu;
  const auto fee = [&](double delivered, double used) {
    return dues(lease, month_of(0, 744, 744'000, delivered, used)).front();
  };
  INFO("1,500 GPUs there, 1,000 due: unused 2·.95·744,000 = 1,413,600");
  CHECK(fee(1'116'000, 0).amount.in(usd) == doctest::Approx(1'413'600).epsilon(1e-12));
  INFO("all used: 2·1,116,000 = 2,232,000 for 1,116,000 GPU-hours");
  CHECK(fee(1'116'000, 1'116'000).amount.in(usd) == doctest::Approx(2'232'000).epsilon(1e-12));
  CHECK(fee(1'116'000, 1'116'000).volume == doctest::Approx(1'116'000).epsilon(1e-12));
}

TEST_CASE(
    "the price steps at anniversaries, is reduced at first and follows renewals and markets") {
  LeaseSpec lease = thousand_gpus();
  lease.reduced = ReducedFeeSpec{.share = 0.5, .period = Period{2}};
  lease.indexation = 0.03 / year;
  INFO("2·.5 for two months, 2, 2·1.03 from month 12, 2·1.03² from month 24");
  CHECK(price_at(lease, 0) == doctest::Approx(1.0).epsilon(1e-15));
  CHECK(price_at(lease, 1) == doctest::Approx(1.0).epsilon(1e-15));
  CHECK(price_at(lease, 2) == doctest::Approx(2.0).epsilon(1e-15));
  CHECK(price_at(lease, 11) == doctest::Approx(2.0).epsilon(1e-15));
  CHECK(price_at(lease, 12) == doctest::Approx(2.06).epsilon(1e-15));
  CHECK(price_at(lease, 24) == doctest::Approx(2.1218).epsilon(1e-15));
  ContractMonth month = month_of(36, 730, 0, 0, 0);
  month.price_factor = 0.9;
  month.market = 2.35 * per_gpu_hour;
  INFO("renewed at 90 %: 2·1.03³·.9 = 1.9669086; at a market of 2.35: 2.35·1.03³·.9 = 2.311117605");
  CHECK(lease_price(lease, month) / per_gpu_hour == doctest::Approx(1.9669086).epsilon(1e-14));
  lease.price.reset();
  lease.market = Ref{"h100"};
  CHECK(lease_price(lease, month) / per_gpu_hour == doctest::Approx(2.311117605).epsilon(1e-14));
}

TEST_CASE("a lease by the month with nothing promised costs nothing, and delivers nothing") {
  LeaseSpec lease = thousand_gpus();
  lease.price.reset();
  lease.fee = 2'000.0 * usd / hour;
  ContractMonth month = month_of(0, 730, 0, 0, 0);
  month.promised = GpuCount{};
  CHECK(dues(lease, month).front().amount.in(usd) == 0);
  month.delivered = 1.0 * gpu_hour;
  CHECK_THROWS_AS(dues(lease, month), InvariantBroken);
}

TEST_CASE("electricity that earned money on balance is the owner's: no row is negative") {
  LeaseSpec lease = thousand_gpus();
  lease.power = "net";
  ContractMonth month = month_of(0, 744, 744'000, 744'000, 0);
  month.energy_cost = -5'000.0 * usd;
  CHECK(dues(lease, month)[1].amount.in(usd) == 0);
}

TEST_CASE("any lease costs the same in however many steps its month is posted") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Stream stream{StreamName{.seed = seed, .path = "lease", .purpose = "steps"}};
    const std::uint64_t switches = stream.next();
    const auto is_on = [&](int bit) { return (switches >> bit & 1U) != 0; };
    LeaseSpec lease;
    if (is_on(0)) lease.price = uniform_between(stream, 0, 9) * per_gpu_hour;
    if (!is_on(0) && is_on(1)) lease.fee = uniform_between(stream, 0, 2'000) * usd / hour;
    lease.take_or_pay = uniform_between(stream, 0, 1);
    if (is_on(2)) lease.reduced = ReducedFeeSpec{};
    lease.indexation = uniform_between(stream, -0.1, 0.1) / year;
    if (is_on(3)) lease.power = "net";
    if (is_on(4)) lease.sla = usual_sla();
    if (is_on(5)) lease.liability.curtailment = "owner";
    if (is_on(6)) lease.liability.late_ramp = "tenant";
    const bool may_correct = is_on(5) && is_on(6);  // lateness that is made up for is paid back
    check_any_steps(lease, stream, may_correct ? Growth::with_corrections : Growth::monotone);
  }
}

TEST_CASE("a lease knows its terms, its capacity and its sides, and options know what follows") {
  LeaseSpec lease = thousand_gpus();
  lease.term = Period{24};
  const ContractSpec contract = lease;
  CHECK(terms_of(contract).term == Period{24});
  REQUIRE(capacity_of(contract) != nullptr);
  CHECK(capacity_of(contract)->grantor == Ref{"owner"});
  CHECK(parties_of(contract).grantor == Ref{"owner"});
  CHECK(parties_of(contract).holder == Ref{"tenant"});
  ExitSpec exit;
  CHECK(successor_of(OptionSpec{exit}) == nullptr);
  exit.then = Ref{"again"};
  const OptionSpec exit_option = exit;
  REQUIRE(successor_of(exit_option) != nullptr);
  CHECK(*successor_of(exit_option) == Ref{"again"});
  ReclaimSpec reclaim;
  reclaim.then = Ref{"own_use"};
  const OptionSpec reclaim_option = reclaim;
  REQUIRE(successor_of(reclaim_option) != nullptr);
  CHECK(*successor_of(reclaim_option) == Ref{"own_use"});
  CHECK(successor_of(OptionSpec{RenewalSpec{}}) == nullptr);
  CHECK(successor_of(OptionSpec{StepDownSpec{}}) == nullptr);
}
