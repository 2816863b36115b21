// What the files that move jobs share.
#pragma once

#include <variant>

#include <colossim/world/jobs.hpp>

namespace colossim {

inline bool is_standing(const JobStream& stream) {
  return std::holds_alternative<StandingSpec>(stream.spec);
}
/// A row for a job; rows of gone jobs are used again.
JobId new_row(JobTables& tables);
/// A job without nodes waits, in its place by arrival.
void wait(JobId id, JobTables& tables, SimTime now);
/// Integrals over the waiting of a queue up to now.
void meter_queue(JobQueue& queue, SimTime now);
/// Puts an arrival of a stream on the agenda, within the time it is open.
void schedule_arrival(const JobStream& stream, JobStreamId id, Agenda& agenda, SimTime t);

}  // namespace colossim
