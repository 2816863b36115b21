// The smallest program that uses an installed colossim: prints the energy of 3 kW over one hour.
#include <cstdio>

#include <colossim/base/quantity.hpp>

int main() {
  using namespace colossim::units;
  std::printf("%g kWh\n", (3.0 * kilowatt * hour).in(kilowatt_hour));
}
