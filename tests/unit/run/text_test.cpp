// SPDX-License-Identifier: BSD-3-Clause
#include "run/text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

#include "run/clock.hpp"

namespace {
using namespace driftwood::run;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(DurationText, KeepsAboutTwoDigits) {
  EXPECT_EQ(duration_text(0), "0 ms");
  EXPECT_EQ(duration_text(0.0123), "12 ms");
  EXPECT_EQ(duration_text(0.25), "0.25 s");
  EXPECT_EQ(duration_text(3.44), "3.4 s");
  EXPECT_EQ(duration_text(48.2), "48 s");
  EXPECT_EQ(duration_text(125), "2 min 05 s");
  EXPECT_EQ(duration_text(3720), "1 h 02 min");
  EXPECT_EQ(duration_text(3 * 86400 + 4 * 3600), "3 d 04 h");
}

TEST(DurationText, NeverShowsSixtyOfAUnit) {
  EXPECT_EQ(duration_text(0.0999), "0.10 s");
  EXPECT_EQ(duration_text(0.999), "1.0 s");
  EXPECT_EQ(duration_text(9.97), "10 s");
  EXPECT_EQ(duration_text(59.7), "1 min 00 s");
  EXPECT_EQ(duration_text(119.6), "2 min 00 s");
  EXPECT_EQ(duration_text(3599.7), "1 h 00 min");
  EXPECT_EQ(duration_text(86399), "1 d 00 h");
}

TEST(DurationText, AdmitsThatItDoesNotKnow) {
  EXPECT_EQ(duration_text(-1), "?");
  EXPECT_EQ(duration_text(nan), "?");
  EXPECT_EQ(duration_text(infinity), "?");
}

TEST(CountText, ScalesToThreeDigits) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(0.125), "0.125");
  EXPECT_EQ(count_text(12), "12");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(999.6), "1.00 k");
  EXPECT_EQ(count_text(1200), "1.20 k");
  EXPECT_EQ(count_text(2e7), "20.0 M");
  EXPECT_EQ(count_text(999'700'000), "1.00 G");
  EXPECT_EQ(count_text(0x1p62), "4.61 E");
  EXPECT_EQ(count_text(nan), "?");
}

TEST(BytesText, ScalesToThreeDigits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1024), "1.00 KiB");
  EXPECT_EQ(bytes_text(52.4 * 0x1p20), "52.4 MiB");
  EXPECT_EQ(bytes_text(1023.7 * 0x1p30), "1.00 TiB");
  EXPECT_EQ(bytes_text(-1), "?");
}

TEST(EstimateText, ShowsTwoDigitsOfTheError) {
  EXPECT_EQ(estimate_text(0.135279, 0.00123), "0.1353 +/- 0.0012");
  EXPECT_EQ(estimate_text(-2, 0.5), "-2.00 +/- 0.50");
  EXPECT_EQ(estimate_text(4567.8, 123), "4568 +/- 123");
  EXPECT_EQ(estimate_text(1.5e-9, 2.5e-11), "1.500e-09 +/- 2.5e-11");
  EXPECT_EQ(estimate_text(3.21e12, 4.5e9), "3.2100e+12 +/- 4.5e+09");
  EXPECT_EQ(estimate_text(0, 1e-9), "0.0e+00 +/- 1.0e-09");
}

TEST(EstimateText, LeavesOutAnErrorThatSaysNothing) {
  EXPECT_EQ(estimate_text(0.1352791, 0), "0.135279");
  EXPECT_EQ(estimate_text(2, nan), "2");
  EXPECT_EQ(estimate_text(infinity, 1), "inf");
}

TEST(JsonString, EscapesWhatJsonForbids) {
  EXPECT_EQ(json_string("plain"), R"("plain")");
  EXPECT_EQ(json_string("a \"b\" \\ c"), R"("a \"b\" \\ c")");
  EXPECT_EQ(json_string("one\ntwo\t\x01"), R"("one\ntwo\t\u0001")");
  EXPECT_EQ(json_string("\u00e9\u20ac\U0001f600"), "\"\u00e9\u20ac\U0001f600\"");
}

TEST(JsonString, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_string("a\xff"), "\"a\ufffd\"");
  EXPECT_EQ(json_string("\xc3"), "\"\ufffd\"");                                // cut short
  EXPECT_EQ(json_string("\xc0\xaf"), "\"\ufffd\ufffd\"");                      // overlong
  EXPECT_EQ(json_string("\xed\xa0\x80"), "\"\ufffd\ufffd\ufffd\"");            // surrogate
  EXPECT_EQ(json_string("\xf4\x90\x80\x80"), "\"\ufffd\ufffd\ufffd\ufffd\"");  // beyond Unicode
}

TEST(IsoUtc, WritesUtcToTheSecond) {
  using std::chrono::system_clock;
  EXPECT_EQ(iso_utc(system_clock::time_point{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_utc(system_clock::from_time_t(951'782'400)), "2000-02-29T00:00:00Z");
}

TEST(Stopwatch, AddsUpWhatItMeasures) {
  Stopwatch watch;
  EXPECT_EQ(watch.seconds(), 0);
  const double start = monotonic_seconds();
  for (int i = 0; i < 2; ++i) {
    const auto lap = watch.measure();
    const double began = monotonic_seconds();
    while (monotonic_seconds() - began < 0.01) {
    }
  }
  EXPECT_GE(watch.seconds(), 0.02);
  EXPECT_LE(watch.seconds(), monotonic_seconds() - start);
}
}  // namespace
