// From files to one tree: `extends`, catalogs and `--set`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <colossim/scenario/scenario.hpp>
#include <colossim/scenario/tree.hpp>

namespace colossim {

/// The composed tree and the names of the files its places refer to.
struct Composition {
  Tree tree;
  FileNames files;
  std::filesystem::path folder;             // of the first file: signals and bases stay below it
  std::vector<std::string> catalog_sought;  // where no catalog was found; empty when there is one
};

/// Reads `file`, what it extends and the catalog. Problems of the text
/// go to `diagnostics`; nothing is returned when a file has a syntax error.
std::optional<Composition> compose(const std::filesystem::path& file, const LoadOptions& options,
                                   Diagnostics& diagnostics);

/// Applies the overrides of the options, then `more`, then the seed.
Composition change(Composition composition, const LoadOptions& options,
                   const std::vector<Override>& more, Diagnostics& diagnostics);

/// The scalar that stands at the path of an override, values reached into; nothing where none does.
std::optional<std::string> text_at(const Tree& tree, const std::string& path);

/// The catalog alone: the first of `folders` that exists.
std::optional<Composition> compose_catalog(const std::vector<std::filesystem::path>& folders,
                                           Diagnostics& diagnostics);

}  // namespace colossim
