// The network of a site: what its racks share when some of them change hands.
#pragma once

#include <cstdint>

#include <colossim/base/describe.hpp>
#include <colossim/base/quantity.hpp>

namespace colossim {

/// Defaults: arrays of eight racks and one 400 Gb/s link per GPU [models_1_1]; pods are two-tier
/// networks of 128-port switches, 8,192 GPUs = 16 arrays of 512 [models_5_1]. How far the fabric of
/// Colossus 1 is oversubscribed is not public: 1 is an assumption.
struct FabricSpec {
  static constexpr std::string_view doc =
      "The network: racks on the leaf switches of their array, arrays on the spines of their pod, "
      "pods on one core. `colossim handover` counts what a division of the site cuts.";
  std::int64_t racks_per_array = 8;
  std::int64_t arrays_per_pod = 16;
  std::int64_t links_per_gpu = 1;
  ByteRate link_rate{50e9};
  double leaf_oversubscription = 1;
  double pod_oversubscription = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("racks_per_array", racks_per_array, optional.within(1, 1024),
            "consecutive racks of a group that share leaf switches");
    v.field("arrays_per_pod", arrays_per_pod, optional.within(1, 4096),
            "consecutive arrays of a hall that share spine switches");
    v.field("links_per_gpu", links_per_gpu, optional.within(1, 64), "links from a GPU to its leaf");
    v.field("link_rate", link_rate, optional.positive().up_to(1e15), "rate of one link");
    v.field("leaf_oversubscription", leaf_oversubscription, optional.within(1, 1000),
            "links from an array's racks to its leaves / links from these to the spines");
    v.field("pod_oversubscription", pod_oversubscription, optional.within(1, 1000),
            "links from a pod's arrays to its spines / links from these to the core");
  }
};

}  // namespace colossim
