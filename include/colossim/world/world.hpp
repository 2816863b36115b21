// The whole state of a run as one value: copying it forks the future.
#pragma once

#include <vector>

#include <colossim/base/calendar.hpp>
#include <colossim/record/series.hpp>
#include <colossim/world/books.hpp>
#include <colossim/world/contracts.hpp>
#include <colossim/world/cooling.hpp>
#include <colossim/world/event.hpp>
#include <colossim/world/fleet.hpp>
#include <colossim/world/jobs.hpp>
#include <colossim/world/power.hpp>
#include <colossim/world/services.hpp>
#include <colossim/world/transfers.hpp>

namespace colossim {

/// Where each recorded function stands in the series.
struct SeriesLayout {
  std::vector<std::size_t> site;       // first column by site
  std::vector<std::size_t> agreement;  // first column by agreement
  std::vector<std::size_t> service;    // first column by service
  std::size_t jobs = 0;
};

struct World {
  SimTime end;
  Calendar calendar;  // UTC
  Duration record_every = one_hour;
  Agenda agenda;
  Fleet fleet;
  PowerTables power;
  Column<SiteId, SiteCooling> cooling;
  JobTables jobs;
  ServiceTables services;
  ContractTables contracts;
  TransferTables transfers;
  Books books;
  Series series;
  SeriesLayout layout;
  std::vector<std::vector<double>> useful_work;  // [month since the start][party], so far [GPU·s]
  bool settle_pending = false;
};

}  // namespace colossim
