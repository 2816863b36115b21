// Checks suggestions for mistyped names: near ones are named, far ones list what is known.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <colossim/base/did_you_mean.hpp>

using namespace colossim;

namespace {

const std::vector<std::string>& sections() {
  static const std::vector<std::string> names{"parties",   "sites",   "services", "jobs",
                                              "contracts", "catalog", "claims",   "expect"};
  return names;
}

}  // namespace

TEST_CASE("one wrong, missing, extra or swapped letter is forgiven") {
  CHECK(did_you_mean("sitez", sections()) == "did you mean \"sites\"?");
  CHECK(did_you_mean("site", sections()) == "did you mean \"sites\"?");
  CHECK(did_you_mean("servicess", sections()) == "did you mean \"services\"?");
  CHECK(did_you_mean("sties", sections()) == "did you mean \"sites\"?");
  CHECK(did_you_mean("jbos", sections()) == "did you mean \"jobs\"?");
}

TEST_CASE("up to a third of the letters may be wrong and no more") {
  CHECK(did_you_mean("contxxxts", sections()) == "did you mean \"contracts\"?");  // 3 of 9
  CHECK(did_you_mean("coxxxxcts", sections()).starts_with("known: "));            // 4 of 9
  CHECK(did_you_mean("cxxaig", sections()).starts_with("known: "));
}

TEST_CASE("the nearest name wins, the first of equals") {
  const std::vector<std::string> known{"power_peak", "power_mean", "power_max"};
  CHECK(did_you_mean("power_maen", known) == "did you mean \"power_mean\"?");
  CHECK(did_you_mean("power_max", known) == "did you mean \"power_max\"?");
  const std::vector<std::string> equals{"load_a", "load_b"};
  CHECK(did_you_mean("load_c", equals) == "did you mean \"load_a\"?");
}

TEST_CASE("capital letters count as wrong ones") {
  const std::vector<std::string> known{"MWh"};
  CHECK(did_you_mean("MWH", known) == "did you mean \"MWh\"?");
  CHECK(did_you_mean("mwH", known) == "known: MWh");
}

TEST_CASE("far from everything, what is known is listed in its order") {
  CHECK(did_you_mean("turbines", std::vector<std::string>{"b", "a"}) == "known: b, a");
  CHECK(did_you_mean("turbines", sections()) ==
        "known: parties, sites, services, jobs, contracts, catalog, claims, expect");
}

TEST_CASE("nothing is said when nothing is known") {
  CHECK(did_you_mean("sites", {}).empty());
  CHECK(did_you_mean("", {}).empty());
}

TEST_CASE("a long list is cut") {
  std::vector<std::string> known;
  for (int i = 0; i < 24; ++i) known.push_back("name_" + std::to_string(100 + i));
  CHECK_FALSE(did_you_mean("turbines", known).ends_with("..."));
  known.emplace_back("name_last");
  const std::string text = did_you_mean("turbines", known);
  CHECK(text.ends_with("name_123, ..."));
  CHECK(text.find("name_last") == std::string::npos);
}

TEST_CASE("a pasted paragraph is no typo") {
  const std::string paragraph(65, 'x');
  CHECK(did_you_mean(paragraph, std::vector{paragraph}) == "known: " + paragraph);
  const std::string name(64, 'x');
  CHECK(did_you_mean(name, std::vector{name}) == "did you mean \"" + name + "\"?");
}
