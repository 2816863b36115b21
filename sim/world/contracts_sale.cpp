// Nodes that reached a buyer become its own: price, book value and what goes along.
#include <algorithm>

#include <colossim/world/contracts.hpp>

namespace colossim {

namespace {

/// Nodes that were bought are one group of their owner's books.
constexpr std::uint32_t bought_group = 0xffffffff;

/// What a sale moves in the books of a site, kind by kind.
class SaleBooking {
 public:
  SaleBooking(Contract& contract, const AssetSaleSpec& spec, Handover& handover)
      : contract_(contract),
        spec_(spec),
        handover_(handover),
        site_(handover.books.sites[contract.site]) {}

  /// GPUs by rack group that the buyer owns from now on.
  void book(const std::vector<std::int64_t>& by_group) {
    std::int64_t gpus = 0;
    for (const std::int64_t count : by_group) gpus += count;
    const SimTime now = handover_.machines.now;
    post_running(handover_.books, site_, now);
    Dollars value;
    for (std::uint32_t group = 0; group < by_group.size(); ++group)
      value += sell(AssetKind::nodes, group, by_group[group]);
    if (spec_.network) value += sell(AssetKind::network, 0, gpus);
    if (spec_.cooling) value += sell(AssetKind::cooling, 0, gpus);
    if (spec_.building) value += sell(AssetKind::building, 0, gpus);
    contract_.sold_gpus += gpus;
    const Money total =
        to_money(sale_price(spec_, GpuCount{static_cast<double>(contract_.sold_gpus)},
                            GpuCount{static_cast<double>(contract_.asked)}));
    const Money price = total - contract_.sold_for;
    contract_.sold_for = total;
    post(price, to_money(value));
    site_.holdings.push_back(
        {.kind = AssetKind::nodes,
         .group = bought_group,
         .gpus = gpus,
         .asset = {.cost = price.quantity(), .residual = Dollars{}, .life = life()},
         .in_service = now,
         .worn_out =
             SimTime{} + Duration{gpus > 0 ? static_cast<std::int64_t>(worn_out_ / gpus) : 0},
         .owner = contract_.holder,
         .from = now});
    share_running();
  }

 private:
  [[nodiscard]] Time life() const {
    const Date today = contract_.calendar.date(handover_.machines.now);
    return (contract_.calendar.at(today + spec_.life) - contract_.calendar.at(today)).quantity();
  }

  /// Book value of `gpus` of the seller's holdings of a kind; they are the seller's no longer.
  Dollars sell(AssetKind kind, std::uint32_t group, std::int64_t gpus) {
    const SimTime now = handover_.machines.now;
    Dollars value;
    const std::size_t rows = site_.holdings.size();
    for (std::size_t row = 0; row < rows && gpus > 0; ++row) {
      const Holding& each = site_.holdings[row];
      const bool meant = each.kind == kind && each.group == group &&
                         each.owner == contract_.grantor && each.to == SimTime::never();
      if (!meant || each.gpus == 0) continue;
      const std::int64_t taken = std::min(gpus, each.gpus);
      if (kind == AssetKind::nodes)
        worn_out_ += static_cast<Int128>((each.worn_out - SimTime{}).ns()) * taken;
      gpus -= taken;
      value +=
          sell_share(site_, row, static_cast<double>(taken) / static_cast<double>(each.gpus), now);
    }
    return value;
  }

  void post(Money price, Money value) {
    Books& books = handover_.books;
    const SimTime now = handover_.machines.now;
    const Money gain = price - value;
    const auto enter = [&](PartyId party, Account debit, Account credit, Money amount) {
      if (amount < Money{}) {
        books.ledger.post({now, party, credit, debit, contract_.cause, -amount});
      } else {
        books.ledger.post({now, party, debit, credit, contract_.cause, amount});
      }
    };
    enter(contract_.grantor, Account::cash, Account::equipment, value);
    enter(contract_.grantor, Account::cash, Account::sale_gain, gain);
    enter(contract_.holder, Account::equipment, Account::cash, price);
  }

  /// The buyer's part of staff and maintenance, unless the seller goes on operating.
  void share_running() {
    if (spec_.operator_party && spec_.operator_party->name == spec_.grantor.name) return;
    const SimTime now = handover_.machines.now;
    const Fleet& fleet = handover_.machines.fleet;
    std::int64_t owned = 0;
    for (std::uint32_t row = 0; row < fleet.rack.size(); ++row) {
      const bool here = fleet.agreements[fleet.agreement[NodeId{row}]].site == contract_.site;
      if (here && fleet.owner[NodeId{row}] == contract_.holder)
        owned += gpus_per_node(fleet, NodeId{row});
    }
    const double part = static_cast<double>(owned) / static_cast<double>(site_.gpus);
    double others = 0;
    for (RunningShare& each : site_.running_shares) {
      if (each.to != SimTime::never()) continue;
      if (each.party == contract_.holder || each.party == site_.owner) {
        each.to = now;
      } else {
        others += each.share;
      }
    }
    site_.running_shares.push_back({contract_.holder, part, now});
    site_.running_shares.push_back({site_.owner, 1 - part - others, now});
  }

  Int128 worn_out_ = 0;  // GPU·ns: their mean is the buyer's
  Contract& contract_;
  const AssetSaleSpec& spec_;
  Handover& handover_;
  SiteBooks& site_;
};

}  // namespace

void sell_delivered(ContractId id, Handover& handover) {
  Contract& contract = handover.contracts.contracts[id];
  Fleet& fleet = handover.machines.fleet;
  GpuMeter& meter = fleet.agreements[contract.agreement].meter;
  const std::int64_t there = meter.total() - meter.gpus(GpuState::moving);
  if (there <= contract.sold_gpus) return;
  std::vector<std::int64_t> by_group;
  for (std::uint32_t row = 0; row < fleet.rack.size(); ++row) {
    const NodeId node{row};
    const bool sold_now = fleet.agreement[node] == contract.agreement &&
                          fleet.owner[node] != contract.holder && is_delivered(fleet, node);
    if (!sold_now) continue;
    fleet.owner[node] = contract.holder;
    const std::uint32_t group = fleet.racks[fleet.rack[node]].group;
    if (group >= by_group.size()) by_group.resize(group + 1);
    by_group[group] += gpus_per_node(fleet, node);
  }
  SaleBooking{contract, std::get<AssetSaleSpec>(contract.spec), handover}.book(by_group);
}

}  // namespace colossim
