// Licences: the running fee and the royalty. What is paid once, at the start, is the world's.
#include <algorithm>

#include <colossim/contract/license.hpp>

namespace colossim {

std::vector<Due> dues(const LicenseSpec& license, const ContractMonth& month) {
  const auto row = [](Dollars amount) {
    return Due{.payer = Side::holder,
               .expense = Account::license_cost,
               .income = Account::license_income,
               .amount = amount};
  };
  const Dollars royalty = license.royalty * std::max(month.revenue, Dollars{});
  return {row(license.fee * month.elapsed), row(royalty)};
}

}  // namespace colossim
