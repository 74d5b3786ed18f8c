// What the tests of libhailort share: a small network as a HEF, and what it computes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "hailo/hailort.hpp"
#include "hef/hef.h"
#include "program/sample_program.h"
#include "runtime/self_test.h"
#include "runtime/session.h"

namespace hailort::testing {

using Bytes = std::vector<uint8_t>;

/// A program with one input and several outputs, its HEF, and frames for it.
class Sample {
 public:
  explicit Sample(uint32_t seed = 1) : Sample(graupel::testing::sample_program(seed)) {}
  explicit Sample(graupel::Program program)
      : program_(std::move(program)),
        file_(graupel::save_hef(program_, {{}, graupel::make_golden(program_).value(), false})),
        session_(std::move(graupel::Session::create(program_, {1, {}, {}})).value()) {}

  MemoryView file() { return MemoryView(file_.data(), file_.size()); }
  Hef hef() { return Hef::create(file()).release(); }
  const graupel::Program& program() const { return program_; }
  std::string input() const { return program_.name + "/" + program_.inputs[0].name; }
  std::vector<std::string> outputs() const {
    std::vector<std::string> names;
    for (const graupel::Port& port : program_.outputs) names.push_back(program_.name + "/" + port.name);
    return names;
  }

  /// Codes that differ from frame to frame.
  Bytes frame(int number) const {
    Bytes codes(program_.inputs[0].type.bytes());
    for (std::size_t i = 0; i < codes.size(); ++i)
      codes[i] = static_cast<uint8_t>((i * 31 + static_cast<std::size_t>(number) * 97 + i / 7) & 255);
    return codes;
  }
  /// The bare session's outputs, by name.
  std::map<std::string, Bytes> expected(const Bytes& codes) {
    std::vector<Bytes> results;
    std::vector<uint8_t*> out;
    for (const graupel::Port& port : program_.outputs) results.emplace_back(port.type.bytes());
    for (Bytes& result : results) out.push_back(result.data());
    const uint8_t* in[] = {codes.data()};
    EXPECT_TRUE(session_.run(in, out).ok());
    std::map<std::string, Bytes> by_name;
    for (std::size_t i = 0; i < results.size(); ++i) by_name[outputs()[i]] = std::move(results[i]);
    return by_name;
  }

 private:
  graupel::Program program_;
  graupel::Bytes file_;
  graupel::Session session_;
};

inline std::unique_ptr<VDevice> make_vdevice(hailo_scheduling_algorithm_t algorithm,
                                             const char* group_id = HAILO_UNIQUE_VDEVICE_GROUP_ID) {
  hailo_vdevice_params_t params = HailoRTDefaults::get_vdevice_params();
  params.scheduling_algorithm = algorithm;
  params.group_id = group_id;
  auto vdevice = VDevice::create(params);
  EXPECT_EQ(vdevice.status(), HAILO_SUCCESS);
  return vdevice.release();
}

inline std::shared_ptr<ConfiguredNetworkGroup> configure(VDevice& vdevice, Sample& sample) {
  Hef hef = sample.hef();
  auto groups = vdevice.configure(hef);
  EXPECT_EQ(groups.status(), HAILO_SUCCESS);
  return groups.value()[0];
}

}  // namespace hailort::testing
