// Looking up a stage.
#include <colossim/base/check.hpp>
#include <colossim/scenario/transfer.hpp>

namespace colossim {

const StageSpec& stage_of(const TransferSpec& transfer, Stage stage) {
  switch (stage) {
    case Stage::export_data:
      return transfer.export_data;
    case Stage::sanitize:
      return transfer.sanitize;
    case Stage::repartition:
      return transfer.repartition;
    case Stage::image:
      return transfer.image;
    case Stage::accept:
      return transfer.accept;
    case Stage::fabric_test:
      return transfer.fabric_test;
    case Stage::load:
      return transfer.load;
    case Stage::ramp:
      return transfer.ramp;
    case Stage::repair:
      return transfer.repair;
    case Stage::drain:
    case Stage::done:
      break;
  }
  COLOSSIM_CHECK(false, "stage={}", stage_names[static_cast<std::size_t>(stage)]);
}

}  // namespace colossim
