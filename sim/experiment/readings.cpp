// Readings as sources, worlds and conclusions.
#include <colossim/experiment/claim_runs.hpp>
#include <colossim/experiment/readings.hpp>

namespace colossim {

namespace {

std::vector<Override> changes_of(const ReadingSpec& reading) {
  std::vector<Override> changes;
  for (const std::string& text : reading.set)
    changes.push_back(parse_override(text).value_or(Override{}));
  return changes;
}

/// Problems of a change stand where the reading states it.
[[noreturn]] void throw_at_reading(const ScenarioError& error, const Scenario& scenario,
                                   const std::string& name, const std::vector<Override>& changes) {
  std::vector<Diagnostic> problems = error.diagnostics();
  const std::string path = "readings." + name + ".set";
  for (Diagnostic& problem : problems) {
    for (const Override& change : changes) {
      if (problem.mark.file != "--set " + change.path) continue;
      problem.mark = scenario.mark_at(path);
      problem.message = "reading " + name + ": " + problem.message;
    }
  }
  throw ScenarioError{std::move(problems)};
}

Scenario load_of(const ScenarioSource& source) {
  return load(source.file, source.options);
}

void require_any(const ScenarioSource& source, const Scenario& scenario) {
  if (!scenario.readings.empty()) return;
  throw ScenarioError{{{{source.file.string()},
                        "readings",
                        "expected readings of other sources, the scenario has none",
                        "see `colossim explain readings`"}}};
}

ScenarioSource reading_source(const ScenarioSource& source, const std::string& name,
                              const std::vector<Override>& changes) {
  ScenarioSource out = source;
  out.name = name;
  out.options.overrides.insert(out.options.overrides.end(), changes.begin(), changes.end());
  return out;
}

std::string found_in(const std::map<std::string, Provenance>& sources, const std::string& path,
                     std::string Provenance::*what) {
  const auto found = sources.find(path);
  return found == sources.end() ? "" : found->second.*what;
}

}  // namespace

void require_readings(const ScenarioSource& source, const Scenario& scenario) {
  for (const auto& [name, reading] : scenario.readings) {
    const std::vector<Override> changes = changes_of(reading);
    try {
      load_of(reading_source(source, name, changes));
    } catch (const ScenarioError& error) {
      throw_at_reading(error, scenario, name, changes);
    }
  }
}

std::vector<ScenarioSource> with_readings(const ScenarioSource& source) {
  const Scenario scenario = load_of(source);
  require_any(source, scenario);
  require_readings(source, scenario);
  std::vector<ScenarioSource> sources{source};
  sources.front().name = "as written";
  for (const auto& [name, reading] : scenario.readings)
    sources.push_back(reading_source(source, name, changes_of(reading)));
  return sources;
}

std::vector<WeightedWorld> reading_worlds(const ScenarioSource& source) {
  const Scenario scenario = load_of(source);
  require_any(source, scenario);
  require_readings(source, scenario);
  std::vector<WeightedWorld> worlds{{"as written", 1, {}}};
  for (const auto& [name, reading] : scenario.readings)
    worlds.push_back({name, reading.weight, changes_of(reading)});
  return worlds;
}

void add_conclusions(Comparison& comparison, std::span<const ScenarioSource> sources) {
  const Scenario& written = comparison.scenarios.front().scenario;
  for (const auto& [name, reading] : written.readings) {
    const std::string path = "readings." + name;
    comparison.readings.push_back(
        {name, reading.title, found_in(written.sources, path, &Provenance::source),
         found_in(written.sources, path, &Provenance::confidence), changes_of(reading)});
  }
  for (std::size_t s = 0; s < comparison.scenarios.size(); ++s) {
    const ComparedScenario& compared = comparison.scenarios[s];
    const std::vector<ClaimBase> bases =
        load_claim_bases(sources[s].file, sources[s].options, compared.scenario);
    comparison.conclusions.push_back(
        judge_claims(compared.scenario, compared.result, {run_claim_bases(bases), {}}));
  }
}

}  // namespace colossim
