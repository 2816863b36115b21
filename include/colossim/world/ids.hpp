// The row types of the world's tables.
#pragma once

#include <colossim/base/id.hpp>
#include <colossim/record/ledger.hpp>

namespace colossim {

struct SiteTag;
struct NodeModelTag;
struct RackTag;
struct NodeTag;
struct AgreementTag;
struct PoolTag;
struct BranchTag;
struct ActivityTag;
struct JobTag;
struct StreamTag;
struct QueueTag;
struct ServiceTag;
struct ContractTag;
struct MoveTag;
struct CrewTag;
struct ReviewTag;

using SiteId = Id<SiteTag>;
using NodeModelId = Id<NodeModelTag>;  // a server type at one site
using RackId = Id<RackTag>;
using NodeId = Id<NodeTag>;
using AgreementId = Id<AgreementTag>;  // the contract a node is under; own use is an implicit one
using PoolId = Id<PoolTag>;            // nodes of one type that a tenant may use at a site
using BranchId = Id<BranchTag>;        // one element of a power tree
using ActivityId = Id<ActivityTag>;    // a way for GPUs to draw power
using JobId = Id<JobTag>;
using JobStreamId = Id<StreamTag>;
using QueueId = Id<QueueTag>;  // waiting jobs of a tenant at a site
using ServiceId = Id<ServiceTag>;
using ContractId = Id<ContractTag>;
using MoveId = Id<MoveTag>;      // an array on its way to another tenant
using CrewId = Id<CrewTag>;      // who carries out one kind of transfer at a site
using ReviewId = Id<ReviewTag>;  // a reallocation policy at work

}  // namespace colossim
