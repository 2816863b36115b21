// A small study in a folder of its own, and colossim running it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "process.hpp"

namespace colossim::test {

/// Twelve runs of a week: two prices of a lease, three of energy, two replicates.
inline const std::string small_axes =
    "axes:\n"
    "  price: {path: contracts.lease.price, list: [2 USD/gpu/h, 2.5 USD/gpu/h]}\n"
    "  energy: {path: sites.here.tariff.energy, linspace: {from: 40 USD/MWh, to: 60 USD/MWh, "
    "points: 3}}\n"
    "replicates: 2\n";

class SmallStudy {
 public:
  explicit SmallStudy(const std::string& axes = small_axes) {
    std::filesystem::copy_file(COLOSSIM_SOURCE_DIR "/tests/cli/bad/base/good.yaml",
                               folder_.path() / "good.yaml");
    write(axes);
  }

  /// Another study in the same file.
  void write(const std::string& axes, const std::string& title = "a small study") const {
    write_file(study(), "schema: 1\nstudy: " + title +
                            "\nscenario: good.yaml\nmetrics: [owner.profit, \"site.*\"]\n" + axes);
  }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path study() const { return folder_.path() / "study.yaml"; }
  [[nodiscard]] std::filesystem::path results(const std::string& name = "results.db") const {
    return folder_.path() / name;
  }

  /// `colossim sweep WORDS --results NAME`, with the shipped catalog.
  [[nodiscard]] Finished sweep(std::vector<std::string> words,
                               const std::string& name = "results.db",
                               const std::function<void()>& prepare = {}) const {
    words.insert(words.begin(), "sweep");
    words.insert(words.end(), {"--results", results(name).string(), "--catalog",
                               COLOSSIM_SOURCE_DIR "/scenarios/catalog"});
    return run_executable(words, prepare);
  }
  [[nodiscard]] Finished run(const std::string& name = "results.db",
                             const std::string& workers = "2") const {
    return sweep({"run", study().string(), "-j", workers}, name);
  }
  /// The hash of all results.
  [[nodiscard]] std::string content(const std::string& name = "results.db") const {
    const std::string status = sweep({"status"}, name).standard_output;
    const std::size_t at = status.find("content ");
    return at == std::string::npos ? "none: " + status : status.substr(at + 8, 16);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace colossim::test
