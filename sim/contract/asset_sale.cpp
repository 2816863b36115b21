// Asset sales: the price of what was delivered, and what the buyer goes on paying for.
#include <colossim/base/check.hpp>
#include <colossim/contract/asset_sale.hpp>

#include "rows.hpp"

namespace colossim {

namespace {

/// The fee is a payment between the parties only when the seller stays the operator; a buyer who
/// operates pays itself, and a third party is no side of the contract.
bool seller_operates_for_fee(const AssetSaleSpec& sale) {
  return sale.operator_party == sale.grantor && sale.operating_fee > MoneyRate{};
}

}  // namespace

Dollars sale_price(const AssetSaleSpec& sale, GpuCount gpus, GpuCount total) {
  if (sale.unit_price) return *sale.unit_price * gpus;
  COLOSSIM_CHECK(sale.price && total > GpuCount{}, "has_price={} total={}", sale.price.has_value(),
                 total.base());
  return *sale.price * (gpus / total);
}

std::vector<Due> dues(const AssetSaleSpec& sale, const ContractMonth& month) {
  std::vector<Due> rows;
  if (seller_operates_for_fee(sale))
    rows.push_back({.payer = Side::holder,
                    .expense = Account::operating_cost,
                    .income = Account::supply_income,
                    .amount = sale.operating_fee * delivered_time(month),
                    .volume = month.delivered.in(units::gpu_hour),
                    .unit = gpu_hours});
  if (!sale.power_contract) rows.push_back(energy_row(month));
  return rows;
}

}  // namespace colossim
