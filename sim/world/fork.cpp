// What may change while a world goes on.
#include <vector>

#include <colossim/base/check.hpp>
#include <colossim/world/fork.hpp>

namespace colossim {

namespace {

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

void adopt_option(ContractTables& present, const ContractTables& changed, const ForkPath& path) {
  for (std::size_t row = 0; row < present.contracts.size(); ++row) {
    Contract& contract = present.contracts[ContractId{row}];
    if (contract.name != path.contract) continue;
    const Contract& other = changed.contracts[ContractId{row}];
    COLOSSIM_CHECK(other.name == contract.name && other.options.size() == contract.options.size(),
                   "contract={} other={}", contract.name, other.name);
    for (std::size_t i = 0; i < contract.options.size(); ++i) {
      OptionState& option = contract.options[i];
      if (option.name != path.option) continue;
      option.spec = other.options[i].spec;
      option.by = other.options[i].by;
      option.boundary = other.options[i].boundary;
      option.days_true = 0;
    }
  }
}

void adopt_review(ContractTables& present, const ContractTables& changed, const std::string& name) {
  for (std::size_t row = 0; row < present.reviews.size(); ++row) {
    Review& review = present.reviews[ReviewId{row}];
    if (review.name != name) continue;
    const Review& other = changed.reviews[ReviewId{row}];
    COLOSSIM_CHECK(other.name == name, "review={} other={}", name, other.name);
    review.contract = other.contract;
    review.option = other.option;
    review.market = other.market;
    review.watches_market = other.watches_market;
    review.every = other.every;
    review.policy = other.policy;
  }
}

}  // namespace

std::optional<ForkPath> ForkPath::parse(std::string_view path) {
  const std::vector<std::string> parts = parts_of(path);
  if (parts.size() >= 3 && parts[0] == "reallocation") return ForkPath{{}, {}, parts[1], {}};
  if (parts.size() >= 3 && parts[0] == "pools" && (parts[2] == "queue" || parts[2] == "placement"))
    return ForkPath{{}, {}, {}, parts[1]};
  if (parts.size() >= 5 && parts[0] == "contracts" && parts[2] == "options" && parts[4] != "then")
    return ForkPath{parts[1], parts[3], {}, {}};
  return std::nullopt;
}

void adopt(ContractTables& present, const ContractTables& changed,
           std::span<const ForkPath> paths) {
  for (const ForkPath& path : paths) {
    if (!path.contract.empty()) adopt_option(present, changed, path);
    if (!path.reallocation.empty()) adopt_review(present, changed, path.reallocation);
  }
}

}  // namespace colossim
