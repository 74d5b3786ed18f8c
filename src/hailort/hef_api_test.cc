// HEFs through the public interface: what they say, and the statuses of those that cannot be opened.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

TEST(HefApi, SaysWhatTheProgramIs) {
  Sample sample;
  const Hef hef = sample.hef();
  EXPECT_EQ(hef.get_network_groups_names(), std::vector<std::string>{"sample"});
  EXPECT_STREQ(hef.get_network_infos().value()[0].name, "sample/sample");
  EXPECT_EQ(hef.get_sorted_output_names().value(), sample.outputs());
  const hailo_vstream_info_t input = hef.get_input_vstream_infos().value()[0];
  EXPECT_EQ(input.name, sample.input());
  EXPECT_EQ(input.direction, HAILO_H2D_STREAM);
  EXPECT_EQ(input.format.type, HAILO_FORMAT_TYPE_UINT8);
  EXPECT_EQ(input.format.order, HAILO_FORMAT_ORDER_NHWC);
  EXPECT_EQ(input.shape.height, 12u);
  EXPECT_EQ(input.shape.width, 10u);
  EXPECT_EQ(input.shape.features, 16u);
  EXPECT_EQ(input.quant_info.qp_scale, 0.5f);
  EXPECT_EQ(input.quant_info.qp_zp, 3.0f);
  EXPECT_EQ(input.quant_info.limvals_min, -1.5f);
  EXPECT_EQ(hef.get_stream_info_by_name(sample.input(), HAILO_H2D_STREAM)->hw_frame_size, 12u * 10 * 16);
  EXPECT_EQ(hef.get_hef_device_arch().value(), HAILO_ARCH_HAILO8);
  EXPECT_EQ(hef.get_original_names_from_vstream_name(sample.input()).value(), std::vector<std::string>{"original"});
  EXPECT_EQ(hef.get_vstream_name_from_original_name("original").value(), sample.input());
  EXPECT_EQ(hef.get_stream_names_from_vstream_name(sample.input()).value(), std::vector{sample.input()});
  EXPECT_EQ(hef.get_vstream_names_from_stream_name(sample.input()).value(), std::vector{sample.input()});
  EXPECT_EQ(hef.get_all_vstream_infos("other").status(), HAILO_NOT_FOUND);
  EXPECT_EQ(hef.get_all_vstream_infos("sample/sample")->size(), 1 + sample.outputs().size());
  EXPECT_EQ(hef.get_bottleneck_fps().status(), HAILO_NOT_AVAILABLE);
  EXPECT_EQ(hef.get_external_resources()->count("graupel.program"), 1u);
}

TEST(HefApi, PrintsTheLinesOfParseHef) {
  Sample sample;
  const std::string text = sample.hef().get_description(false, true).release();
  EXPECT_EQ(text.substr(0, text.find("            Output")),
            "Architecture HEF was compiled for: HAILO8\n"
            "Network group name: sample, Single Context\n"
            "    Network name: sample/sample\n"
            "        VStream infos:\n"
            "            Input  sample/in UINT8, NHWC(12x10x16)\n");
}

TEST(HefApi, EveryKindOfBadFileHasItsStatus) {
  Sample sample;
  EXPECT_EQ(Hef::create("/nowhere/model.hef").status(), HAILO_OPEN_FILE_FAILURE);
  Bytes file(sample.file().data(), sample.file().data() + sample.file().size());
  const auto open = [](Bytes& bytes) { return Hef::create(MemoryView(bytes.data(), bytes.size())).status(); };
  Bytes damaged = file;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_EQ(open(damaged), HAILO_HEF_FILE_CORRUPTED);
  Bytes longer = file;
  longer.push_back(0);
  EXPECT_EQ(open(longer), HAILO_HEF_FILE_CORRUPTED);
  Bytes magic = file;
  magic[0] = 0x7f;
  EXPECT_EQ(open(magic), HAILO_HEF_NOT_SUPPORTED);
  Bytes version = file;
  version[7] = 9;
  EXPECT_EQ(open(version), HAILO_HEF_NOT_SUPPORTED);
  Bytes stub(file.begin(), file.begin() + 8);
  EXPECT_EQ(open(stub), HAILO_FILE_OPERATION_FAILURE);
}

// A HEF cut anywhere and with any byte flipped is refused.
TEST(HefApi, CutsAndFlipsNeverCrash) {
  Sample sample;
  Bytes file(sample.file().data(), sample.file().data() + sample.file().size());
  for (std::size_t i = 0; i < 200; ++i) {
    const auto hef = Hef::create(MemoryView(file.data(), file.size() * i / 200));
    EXPECT_TRUE(hef.status() == HAILO_HEF_FILE_CORRUPTED || hef.status() == HAILO_FILE_OPERATION_FAILURE) << i;
  }
  for (std::size_t i = 0; i < 500; ++i) {
    const std::size_t at = file.size() * i / 500;
    file[at] ^= static_cast<uint8_t>(1u << i % 8);
    const auto hef = Hef::create(MemoryView(file.data(), file.size()));
    EXPECT_TRUE(hef.status() == HAILO_HEF_FILE_CORRUPTED || (at < 8 && hef.status() == HAILO_HEF_NOT_SUPPORTED)) << at;
    file[at] ^= static_cast<uint8_t>(1u << i % 8);
  }
}

TEST(HefApi, AVendorsFileOpensForInspectionAndIsNotConfigured) {
  const char* given = std::getenv("GRAUPEL_DATA");
  const std::string folder = given != nullptr ? given : GRAUPEL_SOURCE_DIR "/../shared/data";
  const std::string path = folder + "/hef/arcface_mobilefacenet_h8_3.29.hef";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  auto hef = Hef::create(path);
  ASSERT_EQ(hef.status(), HAILO_SUCCESS);
  std::ifstream expected(folder + "/../reference/parse-hef-outputs/rpi5_arcface_mobilefacenet.txt");
  const std::string lines((std::istreambuf_iterator<char>(expected)), {});
  if (!lines.empty()) {
    EXPECT_NE(lines.find(hef->get_description(false, true).release()), std::string::npos)
        << hef->get_description(false, true).release();
  }
  const auto vdevice = make_vdevice(HAILO_SCHEDULING_ALGORITHM_ROUND_ROBIN);
  EXPECT_EQ(vdevice->configure(*hef).status(), HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE);
}

}  // namespace
}  // namespace hailort::testing
