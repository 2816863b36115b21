// The queue policies by name. A new one is its header, its name here and its oracle in
// tests/oracle/policy.
#pragma once

#include <memory>
#include <variant>

#include <colossim/policy/conservative.hpp>
#include <colossim/policy/easy.hpp>
#include <colossim/policy/easy_machines.hpp>
#include <colossim/policy/fair_share.hpp>
#include <colossim/policy/in_order.hpp>
#include <colossim/policy/preemptive.hpp>
#include <colossim/policy/quota.hpp>

namespace colossim {

using QueueSpec = std::variant<FifoSpec, FirstFitSpec, SjfSpec, SjfSkipSpec, SrtfSpec, EasySpec,
                               EasySjfSpec, EasyMachinesSpec, ConservativeSpec, PrioritySpec,
                               LasSpec, FairShareSpec, QuotaSpec>;

/// The policy of a description, without jobs.
std::unique_ptr<QueuePolicy> make_queue_policy(const QueueSpec& spec);

}  // namespace colossim
