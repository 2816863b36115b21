// Every reference key in a comment has an entry in the catalog of sources.
#include <regex>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <colossim/scenario/explain.hpp>

#include "../support/scenarios.hpp"

using namespace colossim;

namespace {

/// `[salmon2011]`, `[models_2_3]`, `[ml_energy_v3]`: keys end with a year or a number, or name a
/// program's data.
std::set<std::string> keys_in(const std::string& text) {
  static const std::regex citation{
      R"(\[([a-z][a-z_]*(?:(?:19|20)[0-9]{2}|_[0-9v]+(?:_[0-9]+)*)|energyplus_chillers)\])"};
  std::set<std::string> keys;
  for (std::sregex_iterator it{text.begin(), text.end(), citation}, end; it != end; ++it)
    keys.insert((*it)[1]);
  return keys;
}

}  // namespace

TEST_CASE("every reference key of a comment is a source of the catalog") {
  const std::filesystem::path root{COLOSSIM_SOURCE_DIR};
  const Catalog catalog = load_catalog({root / "scenarios/catalog"});
  std::size_t found = 0;
  for (const char* folder : {"include", "sim"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root / folder}) {
      if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
      for (const std::string& key : keys_in(read_file(entry.path(), 1 << 20))) {
        INFO(entry.path().filename().string() << " cites " << key);
        CHECK(catalog.sources.count(key) == 1);
        ++found;
      }
    }
  }
  CHECK(found > 20);
}
