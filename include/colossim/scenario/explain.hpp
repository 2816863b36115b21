// The manual, derived from the same descriptions the reader uses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <colossim/scenario/scenario.hpp>

namespace colossim {

/// A row of `colossim list`.
struct ListRow {
  std::string name;
  std::string text;
};

/// The kinds `list_rows` knows: sections of the scenario, catalogs, units, metrics.
std::vector<std::string> list_kinds();

/// The rows of one kind; nothing when the kind is unknown. Catalog kinds need a catalog.
std::optional<std::vector<ListRow>> list_rows(std::string_view kind, const Catalog& catalog);

/// What `name` means: a section or kind (`site`, `lease`, `batch`, ...), a catalog entry, a metric.
/// Nothing when it is unknown.
std::optional<std::string> explain(std::string_view name, const Catalog& catalog);

/// Every name `explain` knows.
std::vector<std::string> explainable_names(const Catalog& catalog);

/// The shipped catalog alone. Throws like `load`.
Catalog load_catalog(const std::vector<std::filesystem::path>& folders);

}  // namespace colossim
