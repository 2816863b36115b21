// What can be asked of a contract of any kind.
#include <concepts>

#include <colossim/contract/contract.hpp>

namespace colossim {

namespace {

ContractParties sides(const CapacityTerms& terms) {
  return {terms.grantor, terms.holder};
}
ContractParties sides(const PowerPurchaseSpec& purchase) {
  return {purchase.supplier, purchase.buyer};
}
ContractParties sides(const FinancingSpec& loan) {
  return {loan.lender, loan.borrower};
}
ContractParties sides(const LicenseSpec& license) {
  return {license.licensor, license.licensee};
}

}  // namespace

const ContractTerms& terms_of(const ContractSpec& contract) {
  return std::visit([](const auto& spec) -> const ContractTerms& { return spec; }, contract);
}

const CapacityTerms* capacity_of(const ContractSpec& contract) {
  return std::visit(
      []<class Spec>(const Spec& spec) -> const CapacityTerms* {
        if constexpr (std::derived_from<Spec, CapacityTerms>) return &spec;
        return nullptr;
      },
      contract);
}

ContractParties parties_of(const ContractSpec& contract) {
  return std::visit([](const auto& spec) { return sides(spec); }, contract);
}

const Ref* successor_of(const OptionSpec& option) {
  return std::visit(
      []<class Spec>(const Spec& spec) -> const Ref* {
        if constexpr (requires { spec.then; }) return spec.then ? &*spec.then : nullptr;
        return nullptr;
      },
      option);
}

}  // namespace colossim
