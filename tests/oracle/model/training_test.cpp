// Oracle for training time: V11 and V12.
#include <doctest/doctest.h>

#include <colossim/model/training.hpp>

using namespace colossim;
using units::day;
using units::gpu;
using units::gpu_hour;
using units::second;
using units::token;

namespace {

constexpr FlopRate h100 = Flops{989e12} / second;
constexpr FlopRate a100 = Flops{312e12} / second;

}  // namespace

TEST_CASE("V11: Llama-3.1-405B takes 3.79e25 FLOP") {
  INFO("6·405e9·15.6e12 = 3.7908e25");
  CHECK(training_flops(405e9, 15.6e12 * token).base() == doctest::Approx(3.7908e25).epsilon(1e-12));
}

TEST_CASE(
    "V11: at an overall MFU of .345 it takes 78.4 days and 30.84 M GPU-hours on 16,384 H100") {
  const Time time = training_time(405e9, 15.6e12 * token, 16'384.0 * gpu, h100, 0.345);
  INFO("3.7908e25/(16,384·989e12·.345) = 6.78e6 s");
  CHECK(time.in(day) == doctest::Approx(78.4).epsilon(0.002));
  CHECK((time * (16'384.0 * gpu)).in(gpu_hour) == doctest::Approx(30.84e6).epsilon(0.02));
}

TEST_CASE("V12: 25,000 A100 for 90 to 100 days at MFU .32 to .36 make 1.94e25 to 2.43e25 FLOP") {
  const double fewest = (25e3 * 0.32 * a100 * (90.0 * day)).base();
  const double most = (25e3 * 0.36 * a100 * (100.0 * day)).base();
  INFO("25,000·312e12·.32·90 d, ·.36·100 d");
  CHECK(fewest == doctest::Approx(1.94e25).epsilon(0.002));
  CHECK(most == doctest::Approx(2.43e25).epsilon(0.002));
  INFO("and the published 2.15e25 FLOP take a time between: MFU .34 for 94 days");
  const Time published = training_time(2.15e25 / 6e13, 1e13 * token, 25e3 * gpu, a100, 0.34);
  CHECK(published > 90.0 * day);
  CHECK(published < 100.0 * day);
}

TEST_CASE("training time is inverse in GPUs, peak and MFU") {
  const Time once = training_time(1e9, 1e12 * token, 100.0 * gpu, h100, 0.4);
  const Time twice = training_time(1e9, 1e12 * token, 200.0 * gpu, h100, 0.4);
  CHECK(once / twice == doctest::Approx(2.0).epsilon(1e-14));
  CHECK(once / training_time(1e9, 1e12 * token, 100.0 * gpu, h100, 0.1) ==
        doctest::Approx(0.25).epsilon(1e-14));
}
