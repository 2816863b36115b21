// Nodes on their way from one tenant to another: arrays that go through the stages of a transfer.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <colossim/base/random.hpp>
#include <colossim/record/ledger.hpp>
#include <colossim/scenario/transfer.hpp>
#include <colossim/world/event.hpp>
#include <colossim/world/fleet.hpp>

namespace colossim {

/// Who carries out one kind of transfer at a site: what limits how many nodes are in a stage.
struct Crew {
  SiteId site;
  std::string kind;  // entry of catalog.transfers
  TransferSpec spec;
  std::array<std::int64_t, transfer_stages> busy{};  // nodes by stage
  std::array<std::deque<MoveId>, transfer_stages> waiting;
};

/// What a contract states about its moves.
struct MoveTerms {
  ContractId contract;
  CrewId crew;
  AgreementId to;
  bool returning = false;            // back to the owner: nothing is billed
  Stage billing_from = Stage::load;  // `done`: after the last stage
  PartyId pays_transfer;
  PartyId pays_failure;
  std::uint16_t cause = 0;
};

/// An array under way.
struct Move {
  MoveTerms terms;
  Stage stage = Stage::drain;
  std::vector<NodeId> nodes;
  Generation generation = 0;
  bool active = false;
  SimTime ordered;
  Stream stream{StreamName{}};
};

/// Nodes that reached the end of their transfer.
struct Arrival {
  ContractId contract;
  AgreementId at;
  std::int64_t gpus = 0;
  SimTime ordered;
  bool returning = false;
  std::vector<NodeId> nodes;
};

/// What a stage costs its payer; posted by the books.
struct StageCost {
  PartyId payer;
  std::uint16_t cause = 0;
  double usd = 0;
};

struct TransferTables {
  Column<CrewId, Crew> crews;
  Column<MoveId, Move> moves;
  std::vector<MoveId> free_rows;
  std::vector<MoveId> drain_now;  // their jobs must leave: at the settle
  std::vector<Arrival> arrived;   // since the last settle
  std::vector<StageCost> costs;   // since the last settle
};

/// Opens a move. The caller sends its nodes, then calls `begin_drain`.
MoveId open_move(TransferTables& tables, const MoveTerms& terms, const StreamName& stream,
                 SimTime now);
/// Starts the drain of a move whose nodes were sent: sets the deadline of its jobs.
void begin_drain(MoveId id, const TransferTables& tables, Machines machines, Agenda& agenda);
/// Moves whose last node lost its work go on.
void settle_drained(TransferTables& tables, Machines machines, Agenda& agenda);
/// Takes back a move that has not left its tenant yet. False when it has.
bool cancel_move(MoveId id, TransferTables& tables, Machines machines);
void handle(const StageEnded& event, TransferTables& tables, Machines machines, Agenda& agenda);
/// The jobs of the move's nodes have had their time: they must leave at the settle.
void handle(const DrainDeadlineReached& event, TransferTables& tables);

}  // namespace colossim
