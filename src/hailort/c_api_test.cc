// The C interface: the way of small programs, and handles that are not alive.
#include "hailort/hailort_testing.h"

namespace hailort::testing {
namespace {

TEST(CApi, RunsFramesTheWayOfSmallPrograms) {
  Sample sample;
  hailo_vdevice vdevice = nullptr;
  hailo_hef hef = nullptr;
  ASSERT_EQ(hailo_create_vdevice(nullptr, &vdevice), HAILO_SUCCESS);
  ASSERT_EQ(hailo_create_hef_buffer(&hef, sample.file().data(), sample.file().size()), HAILO_SUCCESS);
  auto params = std::make_unique<hailo_configure_params_t>();
  ASSERT_EQ(hailo_init_configure_params(hef, HAILO_STREAM_INTERFACE_PCIE, params.get()), HAILO_SUCCESS);
  hailo_configured_network_group group = nullptr;
  size_t groups = 1;
  ASSERT_EQ(hailo_configure_vdevice(vdevice, hef, params.get(), &group, &groups), HAILO_SUCCESS);
  hailo_input_vstream_params_by_name_t in_params[4];
  hailo_output_vstream_params_by_name_t out_params[4];
  size_t ins = 4, outs = 4, few = 1;
  ASSERT_EQ(hailo_make_input_vstream_params(group, true, HAILO_FORMAT_TYPE_AUTO, in_params, &ins), HAILO_SUCCESS);
  EXPECT_EQ(hailo_make_output_vstream_params(group, true, HAILO_FORMAT_TYPE_AUTO, out_params, &few),
            HAILO_INSUFFICIENT_BUFFER);
  EXPECT_EQ(few, sample.outputs().size());
  ASSERT_EQ(hailo_make_output_vstream_params(group, true, HAILO_FORMAT_TYPE_AUTO, out_params, &outs), HAILO_SUCCESS);
  hailo_input_vstream in[4];
  hailo_output_vstream out[4];
  ASSERT_EQ(hailo_create_input_vstreams(group, in_params, ins, in), HAILO_SUCCESS);
  ASSERT_EQ(hailo_create_output_vstreams(group, out_params, outs, out), HAILO_SUCCESS);
  const Bytes frame = sample.frame(2);
  const auto expected = sample.expected(frame);
  ASSERT_EQ(hailo_vstream_write_raw_buffer(in[0], frame.data(), frame.size()), HAILO_SUCCESS);
  ASSERT_EQ(hailo_flush_input_vstream(in[0]), HAILO_SUCCESS);
  for (size_t i = 0; i < outs; ++i) {
    size_t size = 0;
    hailo_vstream_info_t info;
    ASSERT_EQ(hailo_get_output_vstream_frame_size(out[i], &size), HAILO_SUCCESS);
    ASSERT_EQ(hailo_get_output_vstream_info(out[i], &info), HAILO_SUCCESS);
    EXPECT_STREQ(info.name, out_params[i].name);
    Bytes got(size);
    ASSERT_EQ(hailo_vstream_read_raw_buffer(out[i], got.data(), got.size()), HAILO_SUCCESS);
    EXPECT_EQ(got, expected.at(info.name));
  }
  EXPECT_EQ(hailo_release_output_vstreams(out, outs), HAILO_SUCCESS);
  EXPECT_EQ(hailo_release_input_vstreams(in, ins), HAILO_SUCCESS);
  EXPECT_EQ(hailo_vstream_write_raw_buffer(in[0], frame.data(), frame.size()), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_release_hef(hef), HAILO_SUCCESS);
  EXPECT_EQ(hailo_release_hef(hef), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_release_vdevice(vdevice), HAILO_SUCCESS);
  EXPECT_EQ(hailo_release_vdevice(vdevice), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_shutdown_network_group(group), HAILO_INVALID_ARGUMENT);
}

TEST(CApi, NamesStatusesAndVersions) {
  EXPECT_STREQ(hailo_get_status_message(HAILO_SUCCESS), "HAILO_SUCCESS");
  EXPECT_STREQ(hailo_get_status_message(HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE), "HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE");
  EXPECT_EQ(hailo_get_status_message(HAILO_STATUS_COUNT), nullptr);
  hailo_version_t version;
  ASSERT_EQ(hailo_get_library_version(&version), HAILO_SUCCESS);
  EXPECT_EQ(version.major, 4u);
  EXPECT_EQ(version.minor, 23u);
}

TEST(CApi, AParameterStructureThatNobodyInitializedIsRefused) {
  hailo_vdevice_params_t params = {};
  hailo_vdevice vdevice = nullptr;
  EXPECT_EQ(hailo_create_vdevice(&params, &vdevice), HAILO_INVALID_ARGUMENT);
  EXPECT_EQ(hailo_create_vdevice(nullptr, nullptr), HAILO_INVALID_ARGUMENT);
}

TEST(CApi, StructuresHaveTheVendorsSizes) {
  EXPECT_EQ(sizeof(hailo_vstream_info_t), 436u);
  EXPECT_EQ(sizeof(hailo_stream_info_t), 340u);
  EXPECT_EQ(sizeof(hailo_vdevice_params_t), 40u);
  EXPECT_EQ(sizeof(hailo_configure_params_t), 84488u);
  EXPECT_EQ(sizeof(hailo_device_identity_t), 140u);
  EXPECT_EQ(sizeof(hailo_detection_with_byte_mask_t), 38u);
}

}  // namespace
}  // namespace hailort::testing
