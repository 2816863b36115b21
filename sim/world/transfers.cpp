// The stages of a move. Queues are first come, first served; an array waits until all of its nodes
// fit within a stage's limit, or goes alone when it is larger than the limit.
#include <algorithm>

#include <colossim/base/check.hpp>
#include <colossim/world/transfers.hpp>

namespace colossim {

namespace {

std::size_t index(Stage stage) {
  return static_cast<std::size_t>(stage);
}

Stage after(Stage stage) {
  if (stage == Stage::repair) return Stage::accept;
  return static_cast<Stage>(index(stage) + 1);
}

class Mover {
 public:
  Mover(TransferTables& tables, Machines machines, Agenda& agenda)
      : tables_(tables), machines_(machines), agenda_(agenda) {}

  /// The move is through with its present stage.
  void go_on(MoveId id) {
    const Stage stage = tables_.moves[id].stage;
    if (stage != Stage::drain) free_places(id);
    if (!passes(id)) return;
    if (stage == Stage::export_data) change_hands(tables_.moves[id]);
    enter(id, after(stage));
  }

  void enter(MoveId id, Stage stage) {
    Move& move = tables_.moves[id];
    move.stage = stage;
    if (stage == Stage::done) return finish(id);
    const std::int64_t limit = stage_of(crew(move).spec, stage).nodes;
    std::int64_t& busy = crew(move).busy[index(stage)];
    const auto nodes = static_cast<std::int64_t>(move.nodes.size());
    const bool fits = limit == 0 || busy == 0 || busy + nodes <= limit;
    if (!fits || !crew(move).waiting[index(stage)].empty()) {
      crew(move).waiting[index(stage)].push_back(id);
      return;
    }
    start(id);
  }

 private:
  Crew& crew(const Move& move) { return tables_.crews[move.terms.crew]; }

  void start(MoveId id) {
    Move& move = tables_.moves[id];
    if (!move.terms.returning && move.stage == move.terms.billing_from) deliver(move);
    const StageSpec& spec = stage_of(crew(move).spec, move.stage);
    const auto nodes = static_cast<double>(move.nodes.size());
    crew(move).busy[index(move.stage)] += static_cast<std::int64_t>(move.nodes.size());
    if (spec.cost.base() > 0) {
      const bool repair = move.stage == Stage::repair;
      tables_.costs.push_back({repair ? move.terms.pays_failure : move.terms.pays_transfer,
                               move.terms.cause, nodes * spec.cost.base()});
    }
    const Duration duration = to_duration(spec.duration.sample(move.stream));
    if (duration == Duration{}) return go_on(id);
    agenda_.schedule(machines_.now + duration, Phase::supply, StageEnded{id, move.generation});
  }

  /// Gives the stage's places back; the next arrays in line start.
  void free_places(MoveId id) {
    const Move& move = tables_.moves[id];
    Crew& owner = crew(move);
    const std::size_t stage = index(move.stage);
    const std::int64_t limit = stage_of(owner.spec, move.stage).nodes;
    owner.busy[stage] -= static_cast<std::int64_t>(move.nodes.size());
    while (!owner.waiting[stage].empty()) {
      const MoveId next = owner.waiting[stage].front();
      const auto nodes = static_cast<std::int64_t>(tables_.moves[next].nodes.size());
      if (limit > 0 && owner.busy[stage] > 0 && owner.busy[stage] + nodes > limit) return;
      owner.waiting[stage].pop_front();
      start(next);
    }
  }

  /// Rejects are drawn when a stage ends. False: nothing of this move goes on now.
  bool passes(MoveId id) {
    const Stage stage = tables_.moves[id].stage;
    if (stage == Stage::drain || stage == Stage::repair) return true;
    const double reject = stage_of(crew(tables_.moves[id]).spec, stage).reject;
    if (reject == 0) return true;
    if (stage != Stage::accept) {
      if (tables_.moves[id].stream.uniform() >= reject) return true;
      enter(id, stage);  // the array does the stage again
      return false;
    }
    std::vector<NodeId> passed;
    std::vector<NodeId> rejected;
    for (const NodeId node : tables_.moves[id].nodes)
      (tables_.moves[id].stream.uniform() < reject ? rejected : passed).push_back(node);
    if (!rejected.empty()) send_to_repair(id, std::move(rejected));
    tables_.moves[id].nodes = std::move(passed);
    if (!tables_.moves[id].nodes.empty()) return true;
    close(id);
    return false;
  }

  void send_to_repair(MoveId id, std::vector<NodeId> rejected) {
    const MoveId row = new_row(tables_);
    Move& repaired = tables_.moves[row];
    const Generation generation = repaired.generation;
    repaired = tables_.moves[id];
    repaired.generation = generation;
    // A stream of its own: the next number of the array's stream names it.
    repaired.stream = Stream{StreamKey{tables_.moves[id].stream.next(), row.row()}};
    for (const NodeId node : rejected) machines_.fleet.move[node] = row;
    repaired.nodes = std::move(rejected);
    enter(row, Stage::repair);
  }

  void change_hands(const Move& move) {
    for (const NodeId node : move.nodes) change_agreement(machines_, node, GpuState::moving);
  }

  void deliver(const Move& move) {
    for (const NodeId node : move.nodes) set_stage_state(machines_, node, GpuState::accepted);
  }

  void finish(MoveId id) {
    const Move& move = tables_.moves[id];
    std::int64_t gpus = 0;
    for (const NodeId node : move.nodes) {
      gpus += gpus_per_node(machines_.fleet, node);
      arrive(machines_, node);
    }
    tables_.arrived.push_back(
        {move.terms.contract, move.terms.to, gpus, move.ordered, move.terms.returning, move.nodes});
    close(id);
  }

  void close(MoveId id) {
    Move& move = tables_.moves[id];
    move.active = false;
    move.generation += 1;
    move.nodes.clear();
    tables_.free_rows.push_back(id);
  }

 public:
  static MoveId new_row(TransferTables& tables) {
    if (tables.free_rows.empty()) return tables.moves.push_back({});
    const MoveId row = tables.free_rows.back();
    tables.free_rows.pop_back();
    return row;
  }

 private:
  TransferTables& tables_;
  Machines machines_;
  Agenda& agenda_;
};

}  // namespace

MoveId open_move(TransferTables& tables, const MoveTerms& terms, const StreamName& stream,
                 SimTime now) {
  const MoveId id = Mover::new_row(tables);
  Move& move = tables.moves[id];
  move.terms = terms;
  move.stage = Stage::drain;
  move.active = true;
  move.ordered = now;
  move.stream = Stream{stream};
  return id;
}

void begin_drain(MoveId id, const TransferTables& tables, Machines machines, Agenda& agenda) {
  const Move& move = tables.moves[id];
  const DrainSpec& drain = tables.crews[move.terms.crew].spec.drain;
  const Time until = drain.jobs == "finish"       ? drain.deadline
                     : drain.jobs == "checkpoint" ? drain.write
                                                  : Time{};
  // Never at this instant: it may be settling already.
  agenda.schedule(machines.now + std::max(Duration{1}, to_duration(until)), Phase::supply,
                  DrainDeadlineReached{id, move.generation});
}

void settle_drained(TransferTables& tables, Machines machines, Agenda& agenda) {
  std::vector<NodeId> drained;
  std::swap(drained, machines.fleet.drained);
  std::vector<MoveId> touched;
  for (const NodeId node : drained) {
    const MoveId id = machines.fleet.move[node];
    if (!id.exists()) continue;  // called back since
    if (touched.empty() || touched.back() != id) touched.push_back(id);
  }
  Mover mover{tables, machines, agenda};
  for (const MoveId id : touched) {
    const Move& move = tables.moves[id];
    if (!move.active || move.stage != Stage::drain) continue;
    const auto parked = [&](NodeId node) { return machines.fleet.use[node] == NodeUse::transfer; };
    if (std::all_of(move.nodes.begin(), move.nodes.end(), parked)) mover.go_on(id);
  }
}

bool cancel_move(MoveId id, TransferTables& tables, Machines machines) {
  Move& move = tables.moves[id];
  if (!move.active || move.stage != Stage::drain) return false;
  for (const NodeId node : move.nodes) call_back(machines, node);
  move.active = false;
  move.generation += 1;
  move.nodes.clear();
  tables.free_rows.push_back(id);
  return true;
}

void handle(const StageEnded& event, TransferTables& tables, Machines machines, Agenda& agenda) {
  const Move& move = tables.moves[event.move];
  if (!move.active || move.generation != event.generation) return;  // stale
  Mover{tables, machines, agenda}.go_on(event.move);
}

void handle(const DrainDeadlineReached& event, TransferTables& tables) {
  const Move& move = tables.moves[event.move];
  if (!move.active || move.generation != event.generation || move.stage != Stage::drain) return;
  tables.drain_now.push_back(event.move);
}

}  // namespace colossim
