// The kinds of contracts, and what can be asked of any of them.
#pragma once

#include <string>
#include <variant>

#include <colossim/contract/asset_sale.hpp>
#include <colossim/contract/equity_swap.hpp>
#include <colossim/contract/financing.hpp>
#include <colossim/contract/lease.hpp>
#include <colossim/contract/license.hpp>
#include <colossim/contract/power_purchase.hpp>
#include <colossim/contract/revenue_share.hpp>

namespace colossim {

using ContractSpec = std::variant<LeaseSpec, AssetSaleSpec, RevenueShareSpec, EquitySwapSpec,
                                  PowerPurchaseSpec, FinancingSpec, LicenseSpec>;

/// The terms every contract has.
const ContractTerms& terms_of(const ContractSpec& contract);

/// The capacity terms of a contract that moves nodes; null for others.
const CapacityTerms* capacity_of(const ContractSpec& contract);

/// Both sides: who grants (nodes, energy, money, rights) and who holds.
struct ContractParties {
  Ref grantor;
  Ref holder;
};
ContractParties parties_of(const ContractSpec& contract);

/// The contract another one starts when it ends by an option or default; null when none.
const Ref* successor_of(const OptionSpec& option);

}  // namespace colossim
