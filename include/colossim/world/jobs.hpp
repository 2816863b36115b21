// Finite work: streams of jobs, the queues they wait in, and what runs.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <colossim/base/clone_ptr.hpp>
#include <colossim/base/random.hpp>
#include <colossim/base/time.hpp>
#include <colossim/policy/queue.hpp>
#include <colossim/scenario/work.hpp>
#include <colossim/world/event.hpp>
#include <colossim/world/fleet.hpp>

namespace colossim {

/// A stream of jobs as a scenario describes it, with its counters.
struct JobStream {
  std::string name;
  JobSpec spec;
  QueueId queue;
  std::vector<NodeModelId> models;     // it may use, preferred first
  std::vector<ActivityId> activities;  // what its GPUs draw on each
  std::vector<double> speedup;         // dense BF16 rate of each against the first
  SimTime from;
  SimTime until;
  Stream arrivals{StreamName{}};
  Stream sizes{StreamName{}};
  Stream runtimes{StreamName{}};

  std::int64_t submitted = 0;
  std::int64_t started = 0;
  std::int64_t done = 0;
  Int128 waited = 0;            // ns, of started jobs
  Int128 gpu_time = 0;          // GPU·ns held by finished jobs
  Int128 useful = 0;            // of it, progress at full speed that was kept
  std::int64_t evicted = 0;     // jobs that had to leave their nodes
  Int128 lost = 0;              // GPU·ns at full speed they had to do again
  std::int64_t held_nodes = 0;  // of standing work
};

struct WaitingJob {
  std::int64_t number = 0;  // in its stream, from 1
  JobStreamId stream;
  SimTime submitted;
  SimTime queued;  // submitted, or evicted
  Duration work;   // at full speed on the first server type
  std::uint32_t gpus = 0;
};

/// Waiting jobs of a tenant at a site.
struct JobQueue {
  SiteId site;
  PartyId tenant;
  std::deque<WaitingJob> waiting;
  std::vector<PoolId> pools;  // by server type
  bool arrived = false;       // since the last settle
};

struct RunningJob {
  WaitingJob waiting;
  std::size_t choice = 0;  // which of the stream's server types
  Generation generation = 0;
  bool active = false;
  SimTime started;
  SimTime audited;               // used GPU-time is audited up to here
  Int128 work = 0;               // full_speed · ns to do
  Int128 progress_at_start = 0;  // of its activity
  std::vector<NodeId> nodes;     // held whole
  NodeId shared_node;            // exists: part of it is held too
  std::uint32_t shared_gpus = 0;
};

/// A finished job, for jobs.csv.
struct JobRecord {
  std::int64_t number = 0;
  JobStreamId stream;
  NodeModelId model;
  std::uint32_t gpus = 0;
  SimTime submitted;
  SimTime started;
  SimTime ended;
};

struct JobTables {
  Column<JobStreamId, JobStream> streams;
  Column<QueueId, JobQueue> queues;
  Column<JobId, RunningJob>
      jobs;  // rows are reused: memory grows with what runs, not with what ran
  std::vector<JobId> free_rows;
  std::vector<JobEnded> stalled;  // their activity stood still when they would have ended
  std::vector<JobRecord> ended;   // drained by the observer after each event
  ClonePtr<QueuePolicy> queue_policy{std::make_unique<Fifo>()};
  ClonePtr<Placement> placement{std::make_unique<RackAware>()};
  std::int64_t running = 0;
};

/// GPUs on some pools that jobs leave to a service: see `reserve`.
struct Reservation {
  std::vector<PoolId> pools;
  std::int64_t missing = 0;
};

/// Schedules the first arrival of a stream.
void open_stream(JobStream& stream, JobStreamId id, Agenda& agenda, SimTime end);
/// `bf16_of_first`: dense rate of the stream's first server type, which the length of training runs
/// is for.
void handle(const JobArrived& event, JobTables& tables, Agenda& agenda, double bf16_of_first);
void handle(const JobEnded& event, JobTables& tables, Machines machines, Agenda& agenda);
/// Starts what the queue policy starts; what services have reserved stays free.
void schedule_jobs(QueueId id, JobTables& tables, Machines machines, Agenda& agenda,
                   std::span<const Reservation> reservations);
/// GPUs of the waiting jobs of a party at a site, or at all sites when there is none.
std::int64_t waiting_gpus(const JobTables& tables, PartyId party, SiteId site);
/// Starts and ends the standing work of a queue's tenant.
void settle_standing(QueueId id, JobTables& tables, Machines machines, Agenda& agenda);
/// Jobs on these nodes leave them and wait again, with what they saved (all of it when `save`).
void evict_jobs(const std::vector<NodeId>& nodes, bool save, JobTables& tables, Machines machines);
/// Looks again at jobs that stood still, once power is back.
void wake_stalled(JobTables& tables, const PowerTables& power, Agenda& agenda);
/// Adds the used GPU-time of running jobs up to now to the audit of their agreements.
void audit_jobs(JobTables& tables, Fleet& fleet, SimTime now);

}  // namespace colossim
